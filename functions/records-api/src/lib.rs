//! Lambda function that serves the records of the table over an HTTP API.
//!
//! [`operation`] lists what clients can do, [`problem`] what can go wrong; the OpenAPI document
//! ([`openapi`], checked in as `openapi.json`) is made from both. Changes keep `ordering` and
//! `deduplication_id` of the item, so that a message delivered again never undoes an edit or a deletion.
//!
//! Start with [`handler::handle`].

pub mod aws;
pub mod config;
pub mod effects;
pub mod handler;
pub mod openapi;
pub mod operation;
pub mod precondition;
pub mod problem;
pub mod record;

mod cursor;
mod listing;
mod query;
mod submission;
