//! Whether the alerts of a deployed stack reach anybody.
//!
//! [`survey`](survey::survey) reads alarms, topics and subscriptions through the
//! [`Alerting`](port::Alerting) port; [`judge`](judge::judge) says what stands between an alarm and
//! the people, and is pure; [`trial`] lets an alarm go off and follows it.
//!
//! Absent on purpose: whether an alarm's threshold is wise, and whether anybody reads their mail.

pub mod fact;
pub mod judge;
mod key;
pub mod policy;
pub mod port;
pub mod survey;
pub mod trial;
