//! Reads a spec, decides a plan and carries it out through narrow ports.
//!
//! The way of the data: [`spec`] reads the user's file and lowers it to a template; [`diff`]
//! compares what is wanted with what is deployed; [`plan`] decides every step; [`execute`] walks
//! the steps through the [`port`]s and says what happens as [`event`]s.
//!
//! Invariant: no SDK, no terminal, no clock and no file system of its own. What the engine needs
//! from outside it asks of a port; what it has to say it emits as an event.

pub mod alerts;
pub mod aws_error;
pub mod build_record;
pub mod change_set;
pub mod code_only;
pub mod deployed;
mod detour;
pub mod diagnostic;
pub mod diff;
mod digest;
pub mod drift;
pub mod event;
pub mod execute;
pub mod express;
pub mod outcome;
pub mod package;
pub mod permission;
pub mod plan;
pub mod plan_file;
pub mod port;
pub mod program;
pub mod property;
pub mod ready;
pub mod recover;
pub mod review;
pub mod several;
pub mod spec;
pub mod stack_update;
pub mod status;
pub mod template_file;
pub mod tune;
