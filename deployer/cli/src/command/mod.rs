//! The verbs, one file each.

pub(crate) mod alerts;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod down;
pub(crate) mod local;
pub(crate) mod local_inbox;
pub(crate) mod outputs;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod up;
mod up_plan;

use crate::exit_code::Exit;
use crate::failure::Failure;

/// What the user is told after Ctrl-C.
pub(crate) fn interrupted() -> Failure {
    Failure::text(Exit::Declined, "interrupted")
        .hint("an operation that CloudFormation has begun goes on; run the same command again to follow it to its end")
}
