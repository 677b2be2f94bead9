use stack_model::handle::{Fifo, QueueHandle};
use stack_model::pipeline::FunctionOptions;

fn with_on_failure(on_failure: Option<QueueHandle<Fifo>>) -> FunctionOptions {
    FunctionOptions { on_failure, ..FunctionOptions::default() }
}

fn main() {
    let _ = with_on_failure;
}
