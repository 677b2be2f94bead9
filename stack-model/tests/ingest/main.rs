//! The ingest pipeline, built with the opinion layer: golden templates and the promises made about them.

mod golden;
mod permission;
mod pipeline;
mod promise;
