//! Lambda function that turns the records of objects put into a bucket into messages.
//!
//! One invocation reads the objects of one S3 event as streams, cuts them into records ([`mod@format`]), and sends
//! each record to the queue, or, when it is not usable, its place and the reason to the dead-letter side. It
//! holds a few batches at a time, so memory stays flat whatever the size of the object.
//!
//! **Repeating is safe.** An invocation that fails is repeated by Lambda from the start of the object; the
//! messages of the first try are sent again with the same ids and ordering, and the consumer skips them. So an
//! invocation that nears its deadline stops with an error of its own, after which the log names the last
//! record, rather than be cut off.
//!
//! **An object that is gone** when its event is worked on is a success with outcome `gone`: no repetition can
//! bring it back, and a failure would raise an alarm about an ordinary deletion. S3 tells a missing object from
//! a forbidden one only to those who may `s3:ListBucket`; without it the answer is `AccessDenied`, which fails
//! the invocation.
//!
//! Start with [`handler::handle`].

pub mod aws;
pub mod config;
pub mod effects;
pub mod event;
pub mod format;
pub mod handler;

mod batch;
mod convert;
mod csv;
mod extract;
mod inflate;
mod parse;
mod reader;
mod sender;
mod split;
