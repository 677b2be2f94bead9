//! Settings of the function.

use std::time::Duration;

use pipectl_contract::{
    Contract, DataAccess, Environment, EnvironmentError, Event, Presence, ValueKind, Variable,
};
use pipectl_invocation::environment::{LOG_LEVEL, METRICS_NAMESPACE, Reporting};

const TABLE_NAME: Variable = Variable {
    name: "TABLE_NAME",
    presence: Presence::Required,
    value: ValueKind::TableName {
        access: DataAccess::ReadWrite,
        actions: &["GetItem", "Query", "Scan", "UpdateItem"],
    },
    documentation: "Name of the table that holds the records.",
};

const SOURCE_INDEX: Variable = Variable {
    name: "SOURCE_INDEX",
    presence: Presence::Required,
    value: ValueKind::Text,
    documentation: "Name of the index with partition key `source` and sort key `id` that holds all attributes.",
};

const TOMBSTONE_DAYS: Variable = Variable {
    name: "TOMBSTONE_DAYS",
    presence: Presence::Default("15"),
    value: ValueKind::Number { minimum: 1, maximum: 3650 },
    documentation: "Days a deletion is remembered; longer than a queue keeps messages (at most 14 days), so that none of them undoes it.",
};

const MAX_BODY_BYTES: Variable = Variable {
    name: "MAX_BODY_BYTES",
    presence: Presence::Default("262144"),
    value: ValueKind::Number { minimum: 2, maximum: 1_000_000 },
    documentation: "Largest request body, in bytes.",
};

/// What the function asks of its infrastructure.
pub const CONTRACT: Contract = Contract {
    environment: &[LOG_LEVEL, METRICS_NAMESPACE, TABLE_NAME, SOURCE_INDEX, TOMBSTONE_DAYS, MAX_BODY_BYTES],
    events: Some(&[Event::Api]),
};

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
        let mut environment = Environment::read(CONTRACT.environment, lookup);
        let tombstone_lifetime = DAY * environment.number(&TOMBSTONE_DAYS);
        let config = Self {
            reporting: Reporting::read(&mut environment),
            table_name: environment.text(&TABLE_NAME),
            source_index: environment.text(&SOURCE_INDEX),
            tombstone_lifetime,
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
