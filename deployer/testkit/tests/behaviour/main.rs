//! Holds the doubles to the page in `behaviour`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod change_sets;
mod deletion;
mod faults;
mod operations;
mod support;
