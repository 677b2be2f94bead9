//! What is wanted and what is deployed, in; steps and parameter values, out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod mutation;
mod parameters;
mod steps;
mod support;
