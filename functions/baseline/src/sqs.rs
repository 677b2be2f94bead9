//! A function that does nothing but `sqs:SendMessage`.

mod order;

use std::sync::Mutex;

use lambda_runtime::Error;
use pipectl_invocation::client;
use pipectl_invocation::environment::process_variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let queue = aws_sdk_sqs::Client::new(&client::settings(process_variable)?);
    let request = Mutex::new(queue.send_message());
    order::run(async |order| {
        let template = {
            let mut request = request.lock().map_err(|_| "a call has panicked")?;
            if let Some(sample) = &order.sample {
                let text = |name: &str| sample[name].as_str().map(ToOwned::to_owned);
                let like = queue.send_message().set_queue_url(text("QueueUrl"));
                *request = like.set_message_body(text("MessageBody"));
            }
            request.clone()
        };
        order::repeat(&order, || {
            let request = template.clone();
            async move { Ok(request.send().await.map(drop)?) }
        })
        .await
    })
    .await
}
