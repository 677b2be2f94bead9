//! Settings of the function.

use std::time::Duration;

use pipectl_invocation::environment::{
    Environment, EnvironmentError, LOG_LEVEL, METRICS_NAMESPACE, Reporting,
};
use pipectl_messages::{Presence, Variable};

const TABLE_NAME: Variable = Variable {
    name: "TABLE_NAME",
    presence: Presence::Required,
    meaning: "Name of the table that holds the records.",
};

const SOURCE_INDEX: Variable = Variable {
    name: "SOURCE_INDEX",
    presence: Presence::Required,
    meaning: "Name of the index with partition key `source` and sort key `id` that holds all attributes.",
};

const TOMBSTONE_DAYS: Variable = Variable {
    name: "TOMBSTONE_DAYS",
    presence: Presence::Default("15"),
    meaning: "Days a deletion is remembered, 1 to 3650; longer than a queue keeps messages (at most 14 days), so that none of them undoes it.",
};

const MAX_BODY_BYTES: Variable = Variable {
    name: "MAX_BODY_BYTES",
    presence: Presence::Default("262144"),
    meaning: "Largest request body, in bytes, 2 to 1000000.",
};

/// Every variable the function reads, besides those that Lambda sets.
pub const ENVIRONMENT: &[Variable] =
    &[LOG_LEVEL, METRICS_NAMESPACE, TABLE_NAME, SOURCE_INDEX, TOMBSTONE_DAYS, MAX_BODY_BYTES];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `LOG_LEVEL` and `METRICS_NAMESPACE`.
    pub reporting: Reporting,
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `SOURCE_INDEX`.
    pub source_index: String,
    /// `TOMBSTONE_DAYS`.
    pub tombstone_lifetime: Duration,
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
        let tombstone_lifetime = DAY * environment.number(&TOMBSTONE_DAYS, 1..=3650);
        let config = Self {
            reporting: environment.reporting(),
            table_name: environment.text(&TABLE_NAME),
            source_index: environment.text(&SOURCE_INDEX),
            tombstone_lifetime,
            max_body_bytes: environment.number(&MAX_BODY_BYTES, 2..=1_000_000),
        };
        environment.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_and_index_are_enough() {
        let config =
            Config::read(|name| ["TABLE_NAME", "SOURCE_INDEX"].contains(&name).then(|| "x".to_owned()))
                .expect("all else has defaults");
        assert_eq!(config.tombstone_lifetime, Duration::from_secs(15 * 86_400));
    }

    #[test]
    fn all_missing_variables_are_reported() {
        assert_eq!(Config::read(|_| None).expect_err("two are missing").faults.len(), 2);
    }
}
