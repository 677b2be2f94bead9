//! The whole function on a queue in memory.

mod openapi;
mod requests;
mod retries;
mod support;
