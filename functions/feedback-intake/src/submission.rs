//! From feedback to the record that is queued.

use std::fmt::Write as _;
use std::time::SystemTime;

use pipectl_invocation::clock::{epoch_milliseconds, rfc_3339};
use pipectl_messages::{Document, Position, Record, RecordId};
use sha2::{Digest as _, Sha256};

use crate::effects::Message;
use crate::feedback::Feedback;
use crate::idempotency_key::IdempotencyKey;

/// `source` of the records made here.
pub const SOURCE: &str = "feedback";

/// Id of a submission that carries a key. It holds key and content: repeated with its key a submission is the same
/// record, and another one that has the key by mistake is not lost.
///
/// # Panics
/// Never: hexadecimal digits are a legal id.
#[must_use]
pub fn id_of_key(key: &IdempotencyKey, feedback: &Feedback) -> RecordId {
    let digest = digest(&[SOURCE, key.as_str(), &content(feedback)]);
    RecordId::new(&digest[..32]).expect("hexadecimal digits are legal")
}

/// The record of a submission as of `received`, which is its ordering and `received_at` of its body. Equal id and
/// feedback give an equal `deduplication_id` at any time.
#[must_use]
pub fn record(id: RecordId, feedback: &Feedback, received: SystemTime) -> Record {
    let mut members = feedback.members();
    members.insert("received_at".to_owned(), Document::String(rfc_3339(received)));
    Record {
        source: SOURCE.to_owned(),
        position: Position { number: 1, offset: 0 },
        // In the shape of an object's: time in place of the sequencer, then the position.
        ordering: format!("{:032x}.{:012}", epoch_milliseconds(received), 1),
        deduplication_id: digest(&[SOURCE, id.as_str(), &content(feedback)]),
        id,
        body: Document::Map(members),
    }
}

/// The message that queues `record`, on a FIFO queue in a group of its own, as no submission waits for another.
#[must_use]
pub fn message(record: &Record, trace_id: Option<&str>) -> Message {
    Message {
        body: record.to_json(),
        group_id: record.id.as_str().to_owned(),
        deduplication_id: record.deduplication_id.clone(),
        trace_id: trace_id.map(ToOwned::to_owned),
    }
}

fn content(feedback: &Feedback) -> String {
    Document::Map(feedback.members()).to_json()
}

/// SHA-256 over `parts`, each with its length in front, as hexadecimal digits.
fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::feedback::Channel;

    fn feedback(rating: u8) -> Feedback {
        Feedback { rating, channel: Channel::Web, comment: None, contact: None }
    }

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::read(text).expect("a legal key")
    }

    #[test]
    fn id_follows_from_key_and_content() {
        let id = id_of_key(&key("0123456789abcdef"), &feedback(5));
        assert_eq!(id, id_of_key(&key("\"0123456789abcdef\""), &feedback(5)));
        assert_ne!(id, id_of_key(&key("0123456789abcdeg"), &feedback(5)));
        assert_ne!(id, id_of_key(&key("0123456789abcdef"), &feedback(4)));
    }

    #[test]
    fn a_later_copy_has_the_same_deduplication_id_and_a_greater_ordering() {
        let id = RecordId::new("a").expect("a legal id");
        let early = record(id.clone(), &feedback(5), SystemTime::UNIX_EPOCH + Duration::from_millis(255));
        let late = record(id, &feedback(5), SystemTime::UNIX_EPOCH + Duration::from_millis(256));
        assert_eq!(early.deduplication_id, late.deduplication_id);
        assert!(early.ordering < late.ordering, "{} {}", early.ordering, late.ordering);
    }
}
