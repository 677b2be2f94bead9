//! The whole function on a queue and a topic in memory.

mod notices;
mod sampling;
mod support;
