//! Settings of the function.

use pipectl_contract::{
    Contract, Environment, EnvironmentError, Event, Presence, QueueAccess, ValueKind, Variable, names,
};
use pipectl_invocation::environment::{LOG_LEVEL, METRICS_NAMESPACE, Reporting};

const SWITCH: [(&str, bool); 2] = [("false", false), ("true", true)];

const QUEUE_URL: Variable = Variable {
    name: "QUEUE_URL",
    presence: Presence::Required,
    value: ValueKind::QueueUrl { access: QueueAccess::Receive, payloads: &[] },
    documentation: "URL of the dead-letter queue.",
};

const TOPIC_ARN: Variable = Variable {
    name: "TOPIC_ARN",
    presence: Presence::Required,
    value: ValueKind::TopicArn,
    documentation: "ARN of the standard topic that gets the notice.",
};

const SAMPLE_SIZE: Variable = Variable {
    name: "SAMPLE_SIZE",
    presence: Presence::Default("20"),
    value: ValueKind::Number { minimum: 1, maximum: 100 },
    documentation: "Most messages to look at.",
};

const INCLUDE_EXCERPTS: Variable = Variable {
    name: "INCLUDE_EXCERPTS",
    presence: Presence::Default("false"),
    value: ValueKind::Choice(&names(&SWITCH)),
    documentation: "Whether the notice quotes the beginning of the messages, which may hold customers' text.",
};

/// What the function asks of its infrastructure.
pub const CONTRACT: Contract = Contract {
    environment: &[LOG_LEVEL, METRICS_NAMESPACE, QUEUE_URL, TOPIC_ARN, SAMPLE_SIZE, INCLUDE_EXCERPTS],
    events: Some(&[Event::Alarm]),
};

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `LOG_LEVEL` and `METRICS_NAMESPACE`.
    pub reporting: Reporting,
    /// `QUEUE_URL`.
    pub queue_url: String,
    /// `TOPIC_ARN`.
    pub topic_arn: String,
    /// `SAMPLE_SIZE`.
    pub sample_size: usize,
    /// `INCLUDE_EXCERPTS`.
    pub include_excerpts: bool,
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
            topic_arn: environment.text(&TOPIC_ARN),
            sample_size: environment.number(&SAMPLE_SIZE),
            include_excerpts: environment.choice(&INCLUDE_EXCERPTS, &SWITCH),
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
    fn queue_and_topic_are_enough_and_excerpts_are_off() {
        let config = Config::read(|name| ["QUEUE_URL", "TOPIC_ARN"].contains(&name).then(|| "x".to_owned()))
            .expect("all else has defaults");
        assert_eq!((config.sample_size, config.include_excerpts), (20, false));
    }

    #[test]
    fn missing_and_unusable_variables_are_reported_together() {
        let error = Config::read(|name| (name == "INCLUDE_EXCERPTS").then(|| "yes".to_owned()))
            .expect_err("two are missing, one is no choice");
        assert_eq!(error.faults.len(), 3);
    }
}
