//! The assertions for users' tests, held to templates as users and other tools write them.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing shall fail where it looks")]

mod access;
mod resource;
