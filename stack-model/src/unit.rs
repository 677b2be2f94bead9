//! Numbers that know their unit, and the ranges that properties put on them.
//!
//! A property never takes a bare number: its type is made by the crate's `ranged!` macro from a unit and a range,
//! as [`crate::sqs::VisibilityTimeout`] from [`Seconds`] and `0..=43_200`.

use std::fmt;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, VALUE_OUT_OF_RANGE};

/// A whole number with a unit.
pub trait Unit: Copy {
    /// The unit's name in the plural, as used in messages.
    const NAME: &'static str;

    /// The bare number.
    fn number(self) -> u32;
}

macro_rules! unit {
    ($(#[$documentation:meta])* $name:ident, $plural:literal) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(
            /// The bare number.
            pub u32,
        );

        impl Unit for $name {
            const NAME: &'static str = $plural;

            fn number(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", self.0, Self::NAME)
            }
        }
    };
}

unit!(
    /// A span of time in seconds.
    Seconds,
    "seconds"
);
unit!(
    /// A span of time in milliseconds.
    Milliseconds,
    "milliseconds"
);
unit!(
    /// A span of time in minutes.
    Minutes,
    "minutes"
);
unit!(
    /// A span of time in days of 24 hours.
    Days,
    "days"
);
unit!(
    /// A size in megabytes, as Lambda counts memory (1 MB is 1,048,576 bytes).
    Megabytes,
    "MB"
);
unit!(
    /// A size in bytes.
    Bytes,
    "bytes"
);
unit!(
    /// A number of things: messages, receives, executions.
    Count,
    "items"
);
unit!(
    /// A rate in requests or events per second.
    PerSecond,
    "per second"
);

impl From<Minutes> for Seconds {
    fn from(minutes: Minutes) -> Self {
        Self(minutes.0.saturating_mul(60))
    }
}

impl From<Days> for Seconds {
    fn from(days: Days) -> Self {
        Self(days.0.saturating_mul(86_400))
    }
}

/// A number that a property does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeError {
    /// CloudFormation's name of the property.
    pub property: &'static str,
    /// The unit's name in the plural.
    pub unit: &'static str,
    /// Smallest accepted number.
    pub min: u32,
    /// Largest accepted number.
    pub max: u32,
    /// The refused number.
    pub actual: u32,
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { property, unit, min, max, actual } = self;
        write!(f, "{property} is `{actual}` {unit}, but takes {min} to {max}")
    }
}

impl std::error::Error for RangeError {}

impl From<RangeError> for Diagnostic {
    /// The finding E2001, to be completed with where it is.
    fn from(error: RangeError) -> Self {
        let help = format!("Choose a value from {} to {}.", error.min, error.max);
        Self::new(&VALUE_OUT_OF_RANGE, format!("{error}.")).help(help)
    }
}

/// Makes the type of one property: a unit and the range that AWS accepts.
macro_rules! ranged {
    ($(#[$documentation:meta])* $name:ident($unit:ident, $property:literal, $min:literal..=$max:literal)) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name($unit);

        impl $name {
            /// Smallest accepted value.
            pub const MIN: $unit = $unit($min);
            /// Largest accepted value.
            pub const MAX: $unit = $unit($max);

            /// Takes a value inside [`Self::MIN`]`..=`[`Self::MAX`].
            ///
            /// # Errors
            /// [`crate::unit::RangeError`] when the value lies outside.
            pub fn new(value: $unit) -> Result<Self, $crate::unit::RangeError> {
                $crate::unit::check_range($property, value, Self::MIN, Self::MAX).map(Self)
            }

            /// Takes a value that is known at compile time.
            ///
            /// # Panics
            /// When the value lies outside the range; in a `const` that is a compile error.
            #[must_use]
            pub const fn constant(value: $unit) -> Self {
                assert!(value.0 >= Self::MIN.0 && value.0 <= Self::MAX.0);
                Self(value)
            }

            /// The value with its unit.
            #[must_use]
            pub fn get(self) -> $unit {
                self.0
            }
        }
    };
}
pub(crate) use ranged;

/// Gives `value` back when it lies in `min..=max`.
pub(crate) fn check_range<U: Unit>(
    property: &'static str,
    value: U,
    min: U,
    max: U,
) -> Result<U, RangeError> {
    let (actual, min, max) = (value.number(), min.number(), max.number());
    if (min..=max).contains(&actual) {
        Ok(value)
    } else {
        Err(RangeError { property, unit: U::NAME, min, max, actual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::Timeout;

    #[test]
    fn both_edges_are_accepted() {
        assert_eq!(Timeout::new(Seconds(1)).unwrap().get(), Timeout::MIN);
        assert_eq!(Timeout::new(Seconds(900)).unwrap().get(), Timeout::MAX);
    }

    #[test]
    fn one_beyond_the_edge_is_refused_with_the_facts() {
        let error = Timeout::new(Seconds(901)).unwrap_err();
        assert_eq!(error.to_string(), "Timeout is `901` seconds, but takes 1 to 900");
        assert!(Timeout::new(Seconds(0)).is_err());
    }

    #[test]
    fn ranged_value_serialises_as_its_number() {
        assert_eq!(serde_json::to_string(&Timeout::new(Seconds(7)).unwrap()).unwrap(), "7");
    }

    #[test]
    fn days_convert_to_seconds() {
        assert_eq!(Seconds::from(Days(14)), Seconds(1_209_600));
    }
}
