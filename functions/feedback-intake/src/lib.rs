//! Lambda function that takes customers' feedback over an HTTP API and queues it.
//!
//! [`feedback`] says what feedback is and names every fault at once, [`problem`] what else can go wrong; the
//! OpenAPI document ([`openapi`], checked in as `openapi.json`) is made from both. What is accepted becomes a
//! [`Record`](pipectl_messages::Record) on the queue ([`submission`]), which the consumer stores as any other. A
//! request that is repeated with its `Idempotency-Key` becomes the same record.
//!
//! Start with [`handler::handle`].

pub mod aws;
pub mod config;
pub mod effects;
pub mod feedback;
pub mod handler;
pub mod idempotency_key;
pub mod openapi;
pub mod problem;
pub mod submission;

mod email_address;
