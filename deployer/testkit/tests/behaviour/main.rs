//! Holds the doubles to the page in `behaviour`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod caller;
mod change_sets;
mod contents;
mod deletion;
mod failures;
mod faults;
mod operations;
mod support;
mod wire;
