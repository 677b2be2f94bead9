//! Several stacks at once: who must come before whom, and who may start now.
//!
//! Invariant: pure.

mod order;
mod reference;

pub use order::{CycleError, Finished, Schedule};
pub use reference::{Member, dependencies};
