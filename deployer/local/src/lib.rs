//! Provisions, starts, watches and stops the local engine.
