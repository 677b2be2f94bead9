//! Settings of the function.

use pipectl_contract::{
    Contract, Environment, EnvironmentError, Event, Presence, QueueAccess, ValueKind, Variable, names,
};
use pipectl_invocation::environment::{LOG_LEVEL, METRICS_NAMESPACE, Reporting};
use pipectl_messages::{Record, RejectedRecord};

use crate::format::Format;

const FORMATS: [(&str, Option<Format>); 5] = [
    ("auto", None),
    ("json-lines", Some(Format::JsonLines)),
    ("json-array", Some(Format::JsonArray)),
    ("csv", Some(Format::Csv)),
    ("text", Some(Format::Text)),
];

const GROUPS: [(&str, MessageGroup); 2] =
    [("record", MessageGroup::Record), ("object", MessageGroup::Object)];

const QUEUE_URL: Variable = Variable {
    name: "QUEUE_URL",
    presence: Presence::Required,
    value: ValueKind::QueueUrl { access: QueueAccess::Send, payloads: &[Record::PAYLOAD] },
    documentation: "URL of the queue that gets the records; a FIFO queue when it ends in `.fifo`.",
};

const REJECT_QUEUE_URL: Variable = Variable {
    name: "REJECT_QUEUE_URL",
    presence: Presence::Required,
    value: ValueKind::QueueUrl { access: QueueAccess::Send, payloads: &[RejectedRecord::PAYLOAD] },
    documentation: "URL of the queue that gets place and reason of rejected records; FIFO when it ends in `.fifo`.",
};

const RECORD_FORMAT: Variable = Variable {
    name: "RECORD_FORMAT",
    presence: Presence::Default("auto"),
    value: ValueKind::Choice(&names(&FORMATS)),
    documentation: "Format of the objects; auto tells it by key suffix, content type and first byte. Each may be gzipped.",
};

const ID_FIELD: Variable = Variable {
    name: "ID_FIELD",
    presence: Presence::Optional,
    value: ValueKind::Text,
    documentation: "Top-level field whose string or number is the record's id; without it the id is made of place and content.",
};

const MAX_RECORD_BYTES: Variable = Variable {
    name: "MAX_RECORD_BYTES",
    presence: Presence::Default("358400"),
    value: ValueKind::Number { minimum: 1, maximum: 1_000_000 },
    documentation: "Largest record accepted, in bytes.",
};

const BATCHES_IN_FLIGHT: Variable = Variable {
    name: "BATCHES_IN_FLIGHT",
    presence: Presence::Default("16"),
    value: ValueKind::Number { minimum: 1, maximum: 256 },
    documentation: "Batches of up to 10 messages sent at the same time.",
};

const MESSAGE_GROUP: Variable = Variable {
    name: "MESSAGE_GROUP",
    presence: Presence::Default("record"),
    value: ValueKind::Choice(&names(&GROUPS)),
    documentation: "What a FIFO queue keeps in order: record (messages of one id) or object (all of one object, sent one batch at a time).",
};

/// What the function asks of its infrastructure.
pub const CONTRACT: Contract = Contract {
    environment: &[
        LOG_LEVEL,
        METRICS_NAMESPACE,
        QUEUE_URL,
        REJECT_QUEUE_URL,
        RECORD_FORMAT,
        ID_FIELD,
        MAX_RECORD_BYTES,
        BATCHES_IN_FLIGHT,
        MESSAGE_GROUP,
    ],
    events: Some(&[Event::Bucket]),
};

/// What a FIFO queue keeps in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageGroup {
    /// Messages with the same id.
    Record,
    /// All messages of one object.
    Object,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `LOG_LEVEL` and `METRICS_NAMESPACE`.
    pub reporting: Reporting,
    /// `QUEUE_URL`.
    pub queue_url: String,
    /// `REJECT_QUEUE_URL`.
    pub reject_queue_url: String,
    /// `RECORD_FORMAT`; none for `auto`.
    pub record_format: Option<Format>,
    /// `ID_FIELD`.
    pub id_field: Option<String>,
    /// `MAX_RECORD_BYTES`.
    pub max_record_bytes: usize,
    /// `BATCHES_IN_FLIGHT`.
    pub batches_in_flight: usize,
    /// `MESSAGE_GROUP`.
    pub message_group: MessageGroup,
}

impl Config {
    /// Reads the settings through `lookup`.
    ///
    /// # Errors
    /// [`EnvironmentError`] with all missing and unusable variables.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::read(CONTRACT.environment, lookup);
        let config = Self {
            reporting: Reporting::read(&mut environment),
            queue_url: environment.text(&QUEUE_URL),
            reject_queue_url: environment.text(&REJECT_QUEUE_URL),
            record_format: environment.choice(&RECORD_FORMAT, &FORMATS),
            id_field: environment.optional_text(&ID_FIELD),
            max_record_bytes: environment.number(&MAX_RECORD_BYTES),
            batches_in_flight: environment.number(&BATCHES_IN_FLIGHT),
            message_group: environment.choice(&MESSAGE_GROUP, &GROUPS),
        };
        environment.finish(config)
    }
}

/// True when `queue_url` names a FIFO queue, whose name must end so.
#[must_use]
pub fn is_fifo(queue_url: &str) -> bool {
    queue_url.ends_with(".fifo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contract_file_is_current() {
        pipectl_contract::assert_current(&CONTRACT, env!("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn two_queue_urls_are_enough() {
        let config = Config::read(|name| name.ends_with("QUEUE_URL").then(|| format!("https://{name}")))
            .expect("all else has defaults");
        assert_eq!(config.record_format, None);
        assert_eq!(config.max_record_bytes, 350 * 1024);
        assert_eq!(config.batches_in_flight, 16);
    }

    #[test]
    fn missing_and_unusable_variables_are_reported_together() {
        let error = Config::read(|name| (name == "MAX_RECORD_BYTES").then(|| "1000001".to_owned()))
            .expect_err("two queues are missing and a number is too large");
        assert_eq!(error.faults.len(), 3);
    }
}
