//! Reads declared environment variables, all faults at once.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Presence, ValueKind, Variable};

/// The values of declared variables, with the faults found while reading them.
///
/// Ask for every value, then for [`Environment::finish`]: a value that is missing or not as declared is
/// recorded and stands as the type's default until then.
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
                (Some(value), _) => environment.take(variable, value),
                (None, Presence::Default(value)) => environment.take(variable, value.to_owned()),
                (None, Presence::Optional) => {}
                (None, Presence::Required) => {
                    environment.faults.push(EnvironmentFault::Missing { name: variable.name });
                }
            }
        }
        environment
    }

    /// Keeps a value that is as declared.
    fn take(&mut self, variable: &Variable, value: String) {
        match expected(variable.value, &value) {
            None => drop(self.values.insert(variable.name, value)),
            Some(expected) => {
                self.faults.push(EnvironmentFault::Unusable { name: variable.name, actual: value, expected })
            }
        }
    }

    /// The text of a required or defaulted variable.
    pub fn text(&mut self, variable: &Variable) -> String {
        self.optional_text(variable).unwrap_or_default()
    }

    /// The text of an optional variable.
    pub fn optional_text(&mut self, variable: &Variable) -> Option<String> {
        self.values.get(variable.name).cloned()
    }

    /// The number of a variable that is declared as [`ValueKind::Number`] within the range of `Number`.
    pub fn number<Number: TryFrom<u64> + Default>(&mut self, variable: &Variable) -> Number {
        let value = self.values.get(variable.name).and_then(|value| value.parse::<u64>().ok());
        value.and_then(|number| Number::try_from(number).ok()).unwrap_or_default()
    }

    /// The choice that the variable's value names; the first choice when it names none.
    pub fn choice<Choice: Copy>(&mut self, variable: &Variable, choices: &[(&str, Choice)]) -> Choice {
        let value = self.values.get(variable.name).map_or("", String::as_str);
        let named = choices.iter().find(|(name, _)| *name == value);
        named.unwrap_or(&choices[0]).1
    }

    /// Gives `settings`, made of the values, when every variable had a usable one.
    ///
    /// # Errors
    /// [`EnvironmentError`] with every fault found.
    pub fn finish<Settings>(self, settings: Settings) -> Result<Settings, EnvironmentError> {
        if self.faults.is_empty() { Ok(settings) } else { Err(EnvironmentError { faults: self.faults }) }
    }
}

/// Says what `kind` takes, when it does not take `value`.
fn expected(kind: ValueKind, value: &str) -> Option<String> {
    match kind {
        ValueKind::Choice(names) => (!names.contains(&value)).then(|| format!("one of {}", names.join(", "))),
        ValueKind::Number { minimum, maximum } => {
            let number = value.parse().ok().filter(|number| (minimum..=maximum).contains(number));
            number.is_none().then(|| format!("a whole number from {minimum} to {maximum}"))
        }
        _ => None,
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
    /// All faults, in the order of the declarations.
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

    const fn variable(name: &'static str, presence: Presence, value: ValueKind) -> Variable {
        Variable { name, presence, value, documentation: "" }
    }

    const URL: Variable = variable("URL", Presence::Required, ValueKind::Text);
    const COUNT: Variable =
        variable("COUNT", Presence::Default("3"), ValueKind::Number { minimum: 1, maximum: 5 });
    const COLOR: Variable = variable("COLOR", Presence::Default("red"), ValueKind::Choice(&["red", "green"]));
    const FIELD: Variable = variable("FIELD", Presence::Optional, ValueKind::Text);

    fn read(set: &[(&str, &str)]) -> Environment {
        Environment::read(&[URL, COUNT, COLOR, FIELD], |name| {
            set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_stand_in_for_absent_and_empty_values() {
        let mut environment = read(&[("URL", "x"), ("COUNT", "")]);
        assert_eq!(environment.number::<u8>(&COUNT), 3);
        assert_eq!(environment.choice(&COLOR, &[("green", 1), ("red", 2)]), 2);
        assert_eq!(environment.optional_text(&FIELD), None);
        assert_eq!(environment.finish(()), Ok(()));
    }

    #[test]
    fn all_faults_are_reported_together() {
        let text =
            read(&[("COUNT", "six"), ("COLOR", "blue")]).finish(()).expect_err("three faults").to_string();
        assert_eq!(
            text,
            "environment variables are not usable: URL is missing; COUNT is `six`, expected a whole number from \
             1 to 5; COLOR is `blue`, expected one of red, green"
        );
    }

    #[test]
    fn bounds_of_a_number_are_included() {
        for (value, is_usable) in [("0", false), ("1", true), ("5", true), ("6", false)] {
            assert_eq!(read(&[("URL", "x"), ("COUNT", value)]).finish(()).is_ok(), is_usable, "{value}");
        }
    }
}
