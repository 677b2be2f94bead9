use stack_model::handle::{Fifo, QueueHandle, Standard};
use stack_model::pipeline::Redrive;
use stack_model::sqs::MaxReceiveCount;
use stack_model::unit::Count;

fn for_standard_queue(dead_letter_queue: QueueHandle<Fifo>) -> Redrive<QueueHandle<Standard>> {
    Redrive { dead_letter_queue, max_receive_count: MaxReceiveCount::constant(Count(5)) }
}

fn main() {
    let _ = for_standard_queue;
}
