//! Reads declared environment variables, all faults at once.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use pipectl_messages::{Presence, Variable};

use crate::log::Level;

/// `LOG_LEVEL`, read by every function.
pub const LOG_LEVEL: Variable = Variable {
    name: "LOG_LEVEL",
    presence: Presence::Default("info"),
    meaning: "Lightest log line that is written: error, warn, info or debug.",
};

/// `METRICS_NAMESPACE`, read by every function.
pub const METRICS_NAMESPACE: Variable = Variable {
    name: "METRICS_NAMESPACE",
    presence: Presence::Default("pipectl"),
    meaning: "CloudWatch namespace of the function's metrics.",
};

/// How a function tells of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporting {
    /// `LOG_LEVEL`.
    pub log_level: Level,
    /// `METRICS_NAMESPACE`.
    pub metrics_namespace: String,
}

/// Reads one variable of the process; `None` when it is absent or not UTF-8.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where functions read the environment")]
pub fn process_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The values of declared variables, with the faults found while reading them.
///
/// Ask for every value, then for [`Environment::finish`]: a value that is missing or out of range is recorded
/// and stands as the type's default until then.
pub struct Environment {
    values: BTreeMap<&'static str, String>,
    faults: Vec<EnvironmentFault>,
}

impl Environment {
    /// Reads the variables of `declared` through `lookup`. An empty value counts as absent.
    pub fn read(declared: &[Variable], lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut environment = Self { values: BTreeMap::new(), faults: Vec::new() };
        for variable in declared {
            let found = lookup(variable.name).filter(|value| !value.is_empty());
            match (found, variable.presence) {
                (Some(value), _) => drop(environment.values.insert(variable.name, value)),
                (None, Presence::Default(value)) => {
                    environment.values.insert(variable.name, value.to_owned());
                }
                (None, Presence::Optional) => {}
                (None, Presence::Required) => {
                    environment.faults.push(EnvironmentFault::Missing { name: variable.name });
                }
            }
        }
        environment
    }

    /// The text of a required or defaulted variable.
    pub fn text(&mut self, variable: &Variable) -> String {
        self.optional_text(variable).unwrap_or_default()
    }

    /// The text of an optional variable.
    pub fn optional_text(&mut self, variable: &Variable) -> Option<String> {
        self.values.get(variable.name).cloned()
    }

    /// The number of a variable, which must lie in `range`.
    pub fn number<Number>(&mut self, variable: &Variable, range: RangeInclusive<Number>) -> Number
    where
        Number: FromStr + PartialOrd + fmt::Display + Default,
    {
        let Some(value) = self.values.get(variable.name) else { return Number::default() };
        match value.parse().ok().filter(|number| range.contains(number)) {
            Some(number) => number,
            None => {
                let expected = format!("a whole number from {} to {}", range.start(), range.end());
                self.refuse(variable, expected);
                Number::default()
            }
        }
    }

    /// The choice that the variable's value names; the first choice when it names none.
    pub fn choice<Choice: Copy>(&mut self, variable: &Variable, choices: &[(&str, Choice)]) -> Choice {
        let value = self.values.get(variable.name).map_or("", String::as_str);
        match choices.iter().find(|(name, _)| *name == value) {
            Some((_, choice)) => *choice,
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                self.refuse(variable, format!("one of {}", names.join(", ")));
                choices[0].1
            }
        }
    }

    /// The values of [`LOG_LEVEL`] and [`METRICS_NAMESPACE`].
    pub fn reporting(&mut self) -> Reporting {
        Reporting {
            log_level: self.choice(&LOG_LEVEL, &Level::NAMES),
            metrics_namespace: self.text(&METRICS_NAMESPACE),
        }
    }

    fn refuse(&mut self, variable: &Variable, expected: String) {
        // A missing variable has its fault already.
        if let Some(actual) = self.values.get(variable.name).cloned() {
            self.faults.push(EnvironmentFault::Unusable { name: variable.name, actual, expected });
        }
    }

    /// Gives `settings`, made of the values, when every variable had a usable one.
    ///
    /// # Errors
    /// [`EnvironmentError`] with every fault found.
    pub fn finish<Settings>(self, settings: Settings) -> Result<Settings, EnvironmentError> {
        if self.faults.is_empty() { Ok(settings) } else { Err(EnvironmentError { faults: self.faults }) }
    }
}

/// One unusable environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentFault {
    /// Required, and absent or empty.
    Missing {
        /// Name of the variable.
        name: &'static str,
    },
    /// A value that the function cannot work with.
    Unusable {
        /// Name of the variable.
        name: &'static str,
        /// Its value.
        actual: String,
        /// What would be usable.
        expected: String,
    },
}

/// The function's environment is not usable; it must not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentError {
    /// All faults, in the order of the declarations and then of reading.
    pub faults: Vec<EnvironmentFault>,
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("environment variables are not usable: ")?;
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            match fault {
                EnvironmentFault::Missing { name } => write!(formatter, "{separator}{name} is missing")?,
                EnvironmentFault::Unusable { name, actual, expected } => {
                    write!(formatter, "{separator}{name} is `{actual}`, expected {expected}")?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for EnvironmentError {}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: Variable = Variable { name: "URL", presence: Presence::Required, meaning: "" };
    const COUNT: Variable = Variable { name: "COUNT", presence: Presence::Default("3"), meaning: "" };
    const FIELD: Variable = Variable { name: "FIELD", presence: Presence::Optional, meaning: "" };

    fn read(set: &[(&str, &str)]) -> Environment {
        Environment::read(&[URL, COUNT, FIELD], |name| {
            set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_stand_in_for_absent_and_empty_values() {
        let mut environment = read(&[("URL", "x"), ("COUNT", "")]);
        assert_eq!(environment.number(&COUNT, 1..=5), 3);
        assert_eq!(environment.optional_text(&FIELD), None);
        assert_eq!(environment.finish(()), Ok(()));
    }

    #[test]
    fn all_faults_are_reported_together() {
        let mut environment = read(&[("COUNT", "six")]);
        environment.text(&URL);
        environment.number(&COUNT, 1..=5);
        let text = environment.finish(()).expect_err("two faults").to_string();
        assert_eq!(
            text,
            "environment variables are not usable: URL is missing; COUNT is `six`, expected a whole number from 1 to 5"
        );
    }

    #[test]
    fn a_choice_outside_of_the_list_is_a_fault() {
        let mut environment = read(&[("URL", "z")]);
        assert!(environment.choice(&URL, &[("x", true), ("y", false)]));
        assert_eq!(environment.finish(()).expect_err("a fault").faults.len(), 1);
    }
}
