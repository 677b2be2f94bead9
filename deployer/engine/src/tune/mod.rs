//! Which memory size suits a function.
//!
//! [`measure`](measure::measure) invokes a deployed function at several memory sizes through the
//! [`Tuning`](port::Tuning) port and puts the old size back whatever happens; [`choose`](choose::choose)
//! weighs duration against cost and is pure; [`set_memory_size`](edit::set_memory_size) writes the
//! choice into the text of a spec.
//!
//! Lambda gives CPU in proportion to memory, so more memory can be cheaper: the run is shorter.
//!
//! Absent on purpose: versions and aliases. The function itself is resized, so its other callers get
//! the size that is being tried meanwhile.

pub mod choose;
pub mod edit;
pub mod measure;
pub mod port;
pub mod price;
pub mod report_line;
pub mod sample;
