//! The verbs, one file each.

pub(crate) mod alerts;
pub(crate) mod attach;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod local;
pub(crate) mod local_inbox;
pub(crate) mod outputs;
pub(crate) mod permissions;
pub(crate) mod recover;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod tune;
pub(crate) mod up;
mod up_plan;
pub(crate) mod watch;
