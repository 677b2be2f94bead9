//! Settings of the function.

use pipectl_invocation::environment::{
    Environment, EnvironmentError, LOG_LEVEL, METRICS_NAMESPACE, Reporting,
};
use pipectl_messages::{Presence, Variable};

const TABLE_NAME: Variable = Variable {
    name: "TABLE_NAME",
    presence: Presence::Required,
    meaning: "Name of the table that gets the records.",
};

const WRITES_IN_FLIGHT: Variable = Variable {
    name: "WRITES_IN_FLIGHT",
    presence: Presence::Default("16"),
    meaning: "Records written at the same time, 1 to 256.",
};

/// Every variable the function reads, besides those that Lambda sets.
pub const ENVIRONMENT: &[Variable] = &[LOG_LEVEL, METRICS_NAMESPACE, TABLE_NAME, WRITES_IN_FLIGHT];

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `LOG_LEVEL` and `METRICS_NAMESPACE`.
    pub reporting: Reporting,
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `WRITES_IN_FLIGHT`.
    pub writes_in_flight: usize,
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
            table_name: environment.text(&TABLE_NAME),
            writes_in_flight: environment.number(&WRITES_IN_FLIGHT, 1..=256),
        };
        environment.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_name_is_enough() {
        let config = Config::read(|name| (name == "TABLE_NAME").then(|| "records".to_owned()))
            .expect("all else has defaults");
        assert_eq!(config.writes_in_flight, 16);
    }

    #[test]
    fn missing_table_name_is_reported() {
        assert!(Config::read(|_| None).is_err());
    }
}
