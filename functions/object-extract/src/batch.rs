//! Messages on their way into one request.

use crate::convert::MAX_MESSAGE_BYTES;
use crate::effects::Message;

/// Most messages of one request.
/// Source: SQS API reference, SendMessageBatch (read 2026-11-23).
const MAX_MESSAGES: usize = 10;

/// Messages that fit into one request: at most 10, together at most 1 MiB.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    messages: Vec<Message>,
    size: usize,
}

impl Batch {
    /// Adds `message`. Returns the messages before it, to be sent, when it does not fit beside them.
    pub(crate) fn push(&mut self, message: Message) -> Option<Vec<Message>> {
        let is_full = self.messages.len() == MAX_MESSAGES || self.size + message.size() > MAX_MESSAGE_BYTES;
        let full = if is_full { self.take() } else { None };
        self.size += message.size();
        self.messages.push(message);
        full
    }

    /// Empties the batch; `None` when it is empty.
    pub(crate) fn take(&mut self) -> Option<Vec<Message>> {
        self.size = 0;
        Some(std::mem::take(&mut self.messages)).filter(|messages| !messages.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize) -> Message {
        Message {
            body: "x".repeat(size),
            group_id: String::new(),
            deduplication_id: String::new(),
            trace_id: None,
        }
    }

    #[test]
    fn eleventh_message_starts_a_new_batch() {
        let mut batch = Batch::default();
        assert!((0..10).all(|_| batch.push(message(1)).is_none()));
        assert_eq!(batch.push(message(1)).expect("a full batch").len(), 10);
        assert_eq!(batch.take().expect("the eleventh").len(), 1);
        assert!(batch.take().is_none());
    }

    #[test]
    fn messages_of_exactly_one_mebibyte_share_a_batch_and_one_byte_more_does_not() {
        let mut batch = Batch::default();
        assert!(batch.push(message(1_048_575)).is_none());
        assert!(batch.push(message(1)).is_none());
        assert_eq!(batch.push(message(1)).expect("a full batch").len(), 2);
    }
}
