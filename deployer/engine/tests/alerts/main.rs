//! Whether the alerts of a stack reach anybody: what is found, and what a test alert shows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod judge;
mod support;
mod trial;
