//! Whole operations on a specified fake account: what happens, what is said, and what is left.
#![expect(clippy::unwrap_used, clippy::result_large_err, reason = "a test may panic, once")]

mod code_only;
mod company;
mod consent;
mod create;
mod down;
mod express;
mod fault;
mod killed;
mod prediction;
mod preview;
mod recover;
mod replay;
mod said;
mod saved;
mod secret;
mod support;
mod update;
