use stack_model::handle::{BucketHandle, Fifo, QueueHandle};
use stack_model::pipeline::{ObjectEvents, Pipeline};

fn wire(pipeline: &mut Pipeline, queue: &QueueHandle<Fifo>, bucket: &BucketHandle) {
    pipeline.on_object_to_queue(queue, bucket, ObjectEvents::default());
}

fn main() {
    let _ = wire;
}
