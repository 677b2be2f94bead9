//! A function that does nothing but `sqs:ReceiveMessage` and `sns:Publish`.

mod order;

use lambda_runtime::Error;
use pipectl_invocation::client;
use pipectl_invocation::environment::process_variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = client::settings(process_variable)?;
    let queue = aws_sdk_sqs::Client::new(&settings);
    let topic = aws_sdk_sns::Client::new(&settings);
    let receive = queue.receive_message().queue_url("http://127.0.0.1/123456789012/records-dlq");
    let publish = topic.publish().topic_arn("arn:aws:sns:us-east-1:123456789012:alerts").message("{}");
    order::run(async |order| {
        order::repeat(&order, || {
            let (receive, publish) = (receive.clone(), publish.clone());
            async move {
                receive.send().await?;
                publish.send().await?;
                Ok(())
            }
        })
        .await
    })
    .await
}
