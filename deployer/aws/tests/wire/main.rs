//! The ports against a server with prepared answers: what goes over the wire, and what is made of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;
mod alerting;
mod cloudformation;
mod drift;
mod fault;
mod function_code;
mod identity;
mod object_store;
mod session;
mod support;
mod tuning;
mod validation;
