//! The variables that every function reads, and the process's own environment.

use pipectl_contract::{Environment, Presence, ValueKind, Variable, names};

use crate::log::Level;

/// `LOG_LEVEL`, read by every function.
pub const LOG_LEVEL: Variable = Variable {
    name: "LOG_LEVEL",
    presence: Presence::Default("info"),
    value: ValueKind::Choice(&names(&Level::NAMES)),
    documentation: "Lightest log line that is written.",
};

/// `METRICS_NAMESPACE`, read by every function.
pub const METRICS_NAMESPACE: Variable = Variable {
    name: "METRICS_NAMESPACE",
    presence: Presence::Default("pipectl"),
    value: ValueKind::Text,
    documentation: "CloudWatch namespace of the function's metrics.",
};

/// How a function tells of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporting {
    /// `LOG_LEVEL`.
    pub log_level: Level,
    /// `METRICS_NAMESPACE`.
    pub metrics_namespace: String,
}

impl Reporting {
    /// Reads [`LOG_LEVEL`] and [`METRICS_NAMESPACE`].
    pub fn read(environment: &mut Environment) -> Self {
        Self {
            log_level: environment.choice(&LOG_LEVEL, &Level::NAMES),
            metrics_namespace: environment.text(&METRICS_NAMESPACE),
        }
    }
}

/// Reads one variable of the process; `None` when it is absent or not UTF-8.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where functions read the environment")]
pub fn process_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
