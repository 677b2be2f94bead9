//! The whole function on memory effects.

mod delivery;
mod formats;
mod support;
