//! Pipelines built with the opinion layer: golden templates and the promises made about them.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing shall fail where it looks")]

mod golden;
mod ingest;
mod orders;
mod permission;
mod promise;
