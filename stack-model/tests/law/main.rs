//! Each law of the model: a stack that breaks it, and one that just does not.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing shall fail where it looks")]

mod api;
mod function;
mod name;
mod queue;
mod registry;
mod template;

use stack_model::handle::{AnyQueue, BucketHandle, FunctionHandle};
use stack_model::pipeline::{
    BucketOptions, FunctionOptions, Pipeline, PipelineName, PipelineOptions, QueueOptions,
};

/// Codes that a wiring raises, errors first.
fn codes(wire: impl FnOnce(&mut Pipeline)) -> Vec<&'static str> {
    let mut pipeline = Pipeline::new(PipelineName::new("laws").unwrap(), PipelineOptions::default());
    wire(&mut pipeline);
    pipeline.into_stack().check().iter().map(|found| found.code.name).collect()
}

fn function(pipeline: &mut Pipeline) -> FunctionHandle {
    pipeline.function("worker", FunctionOptions::default())
}

fn queue(pipeline: &mut Pipeline, name: &str, fifo: bool) -> AnyQueue {
    pipeline.any_queue(name, fifo, QueueOptions::default())
}

fn bucket(pipeline: &mut Pipeline) -> BucketHandle {
    pipeline.bucket("uploads", BucketOptions::default())
}
