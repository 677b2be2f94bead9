//! The real engine, provisioned from the package index and started on 127.0.0.1.
//!
//! Most tests share one installation in the target folder: only the first run needs the index.
//! Each test has an engine of its own and ends it, also when it fails.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alert;
mod bridge;
mod judge;
mod life;
mod patches;
mod project;
mod provision;
mod roles;
mod strangers;
