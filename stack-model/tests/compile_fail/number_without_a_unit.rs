use stack_model::sqs::VisibilityTimeout;

fn main() {
    let _ = VisibilityTimeout::new(30);
}
