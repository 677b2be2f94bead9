use stack_model::handle::TableHandle;
use stack_model::pipeline::Pipeline;

fn wire(pipeline: &mut Pipeline, table: &TableHandle) {
    pipeline.grant("writer", table.write());
}

fn main() {
    let _ = wire;
}
