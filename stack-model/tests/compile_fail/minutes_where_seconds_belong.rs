use stack_model::sqs::Queue;
use stack_model::unit::Minutes;

fn main() {
    let _ = Queue { visibility_timeout: Some(Minutes(5).into()), ..Queue::default() };
}
