//! Deploys event-driven Rust pipelines to AWS or to the local engine.

fn main() {}
