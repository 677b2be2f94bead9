//! Settings of the function.

use pipectl_invocation::environment::{
    Environment, EnvironmentError, LOG_LEVEL, METRICS_NAMESPACE, Reporting,
};
use pipectl_messages::{Presence, Variable};

const QUEUE_URL: Variable = Variable {
    name: "QUEUE_URL",
    presence: Presence::Required,
    meaning: "URL of the queue that gets the feedback; a FIFO queue when it ends in `.fifo`.",
};

const MAX_BODY_BYTES: Variable = Variable {
    name: "MAX_BODY_BYTES",
    presence: Presence::Default("32768"),
    meaning: "Largest request body, in bytes, 1024 to 262144. The longest comment, all escaped, takes 24,000.",
};

/// Every variable the function reads, besides those that Lambda sets.
pub const ENVIRONMENT: &[Variable] = &[LOG_LEVEL, METRICS_NAMESPACE, QUEUE_URL, MAX_BODY_BYTES];

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
        let mut environment = Environment::read(ENVIRONMENT, lookup);
        let config = Self {
            reporting: environment.reporting(),
            queue_url: environment.text(&QUEUE_URL),
            max_body_bytes: environment.number(&MAX_BODY_BYTES, 1024..=262_144),
        };
        environment.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
