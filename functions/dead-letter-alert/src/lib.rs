//! Lambda function that tells a topic what waits in a dead-letter queue when its alarm goes off.
//!
//! It looks at a sample of the messages and leaves them where they are, visible to everybody, so that they can be
//! redriven. Looking raises a message's receive count; that has no effect on a dead-letter queue, which has no
//! redrive policy of its own, and a redriven message counts anew.
//!
//! The notice ([`notice`]) says how many messages wait and since when, groups them by cause ([`cause`]), and names
//! the commands to look further. It holds a customer's text only where `INCLUDE_EXCERPTS` asks for that.
//!
//! CloudWatch invokes the function asynchronously and at least once: a repeated event repeats the notice.
//!
//! Start with [`handler::handle`].

pub mod aws;
pub mod cause;
pub mod config;
pub mod effects;
pub mod event;
pub mod handler;
pub mod notice;

mod sample;
