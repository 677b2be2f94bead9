//! What packaging says while it works.

use pipectl_engine::package::Architecture;

/// Hears what packaging does. Calls come in this order, once for each call of cargo: `building`, a `built`
/// for each crate as cargo finishes it, then a `packed` for each crate. Every method does nothing by
/// default.
pub trait PackagingProgress {
    /// One cargo build has started for these crates; `None` is the host.
    fn building(&self, crates: &[&str], architecture: Option<Architecture>) {
        let _ = (crates, architecture);
    }

    /// Cargo compiled a crate of the build, be it a dependency; for a counter. Not called for crates
    /// that were up to date.
    fn compiled(&self, target: &str) {
        let _ = target;
    }

    /// The binary of a function crate is there. `fresh` is true when cargo had nothing to do for it.
    fn built(&self, crate_name: &str, fresh: bool) {
        let _ = (crate_name, fresh);
    }

    /// The package of a function crate is there. `fresh` is true when it was there from before.
    fn packed(&self, crate_name: &str, bytes: u64, fresh: bool) {
        let _ = (crate_name, bytes, fresh);
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl PackagingProgress for Silent {}
