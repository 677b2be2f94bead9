//! Settings of the function.

use pipectl_contract::{
    Contract, DataAccess, Environment, EnvironmentError, Event, Presence, ValueKind, Variable,
};
use pipectl_invocation::environment::{LOG_LEVEL, METRICS_NAMESPACE, Reporting};
use pipectl_messages::Record;

const TABLE_NAME: Variable = Variable {
    name: "TABLE_NAME",
    presence: Presence::Required,
    value: ValueKind::TableName { access: DataAccess::Write, actions: &["UpdateItem"] },
    documentation: "Name of the table that gets the records.",
};

const WRITES_IN_FLIGHT: Variable = Variable {
    name: "WRITES_IN_FLIGHT",
    presence: Presence::Default("16"),
    value: ValueKind::Number { minimum: 1, maximum: 256 },
    documentation: "Records written at the same time.",
};

/// What the function asks of its infrastructure.
pub const CONTRACT: Contract = Contract {
    environment: &[LOG_LEVEL, METRICS_NAMESPACE, TABLE_NAME, WRITES_IN_FLIGHT],
    events: Some(&[Event::Queue { payloads: &[Record::PAYLOAD] }]),
};

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
        let mut environment = Environment::read(CONTRACT.environment, lookup);
        let config = Self {
            reporting: Reporting::read(&mut environment),
            table_name: environment.text(&TABLE_NAME),
            writes_in_flight: environment.number(&WRITES_IN_FLIGHT),
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
