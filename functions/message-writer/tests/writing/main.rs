//! The whole function on a table in memory.

mod batches;
mod convergence;
mod support;
