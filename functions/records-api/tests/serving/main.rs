//! The whole function on a table in memory.

mod listing;
mod openapi;
mod requests;
mod support;
