//! Spec files: what is refused and where, and what is meant.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod allow;
mod codes;
mod contracts;
mod crates;
mod golden;
mod meaning;
mod mirror;
mod mistakes;
mod schema;
mod stages;
mod support;
