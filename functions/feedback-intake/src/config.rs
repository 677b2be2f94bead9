//! Settings of the function.

use pipectl_contract::{
    Contract, Environment, EnvironmentError, Event, Presence, QueueAccess, ValueKind, Variable,
};
use pipectl_invocation::environment::{LOG_LEVEL, METRICS_NAMESPACE, Reporting};
use pipectl_messages::Record;

const QUEUE_URL: Variable = Variable {
    name: "QUEUE_URL",
    presence: Presence::Required,
    value: ValueKind::QueueUrl { access: QueueAccess::Send, payloads: &[Record::PAYLOAD] },
    documentation: "URL of the queue that gets the feedback; a FIFO queue when it ends in `.fifo`.",
};

const MAX_BODY_BYTES: Variable = Variable {
    name: "MAX_BODY_BYTES",
    presence: Presence::Default("32768"),
    value: ValueKind::Number { minimum: 1024, maximum: 262_144 },
    documentation: "Largest request body, in bytes. The longest comment, all escaped, takes 24,000.",
};

/// What the function asks of its infrastructure.
pub const CONTRACT: Contract = Contract {
    environment: &[LOG_LEVEL, METRICS_NAMESPACE, QUEUE_URL, MAX_BODY_BYTES],
    events: Some(&[Event::Api]),
};

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `LOG_LEVEL` and `METRICS_NAMESPACE`.
    pub reporting: Reporting,
    /// `QUEUE_URL`.
    pub queue_url: String,
    /// `MAX_BODY_BYTES`.
    pub max_body_bytes: usize,
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
            max_body_bytes: environment.number(&MAX_BODY_BYTES),
        };
        environment.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contract_file_is_current() {
        pipectl_contract::assert_current(&CONTRACT, env!("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn queue_url_is_enough() {
        let config = Config::read(|name| (name == "QUEUE_URL").then(|| "https://q".to_owned()))
            .expect("all else has defaults");
        assert_eq!((config.queue_url.as_str(), config.max_body_bytes), ("https://q", 32_768));
    }

    #[test]
    fn missing_and_unusable_variables_are_reported_together() {
        let error = Config::read(|name| (name == "MAX_BODY_BYTES").then(|| "1023".to_owned()))
            .expect_err("the queue is missing and a number is too small");
        assert_eq!(error.faults.len(), 2);
    }
}
