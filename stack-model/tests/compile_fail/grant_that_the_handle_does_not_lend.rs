use stack_model::handle::{FunctionHandle, TopicHandle};
use stack_model::pipeline::Pipeline;

fn wire(pipeline: &mut Pipeline, reader: &FunctionHandle, topic: &TopicHandle) {
    pipeline.grant(reader, topic.receive());
}

fn main() {
    let _ = wire;
}
