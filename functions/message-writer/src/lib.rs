//! Lambda function that writes queued records to the table.
//!
//! Messages arrive repeated and out of order; the table must end up as if each had come once and in order. The
//! rule for that is [`write::write`]; everything else is batching. What cannot be written is reported back
//! message by message, so that SQS delivers it again and, in the end, moves it to the dead-letter queue.
//!
//! Start with [`handler::handle`].

pub mod aws;
pub mod config;
pub mod effects;
pub mod event;
pub mod handler;
pub mod write;

mod lane;
