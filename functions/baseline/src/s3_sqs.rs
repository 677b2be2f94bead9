//! A function that does nothing but `s3:GetObject` and `sqs:SendMessageBatch`.

mod order;

use std::sync::Mutex;

use aws_sdk_sqs::operation::send_message_batch::builders::SendMessageBatchFluentBuilder;
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};
use lambda_runtime::Error;
use pipectl_invocation::client;
use pipectl_invocation::environment::process_variable;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = client::settings(process_variable)?;
    let store = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&settings).force_path_style(true).build(),
    );
    let queue = aws_sdk_sqs::Client::new(&settings);
    let request = Mutex::new(queue.send_message_batch());
    order::run(async |order| {
        let template = {
            let mut request = request.lock().map_err(|_| "a call has panicked")?;
            if let Some(sample) = &order.sample {
                *request = like(sample, queue.send_message_batch())?;
            }
            request.clone()
        };
        if order.reads_object {
            let mut object = store.get_object().bucket("bench").key("records.jsonl").send().await?;
            while object.body.next().await.transpose()?.is_some() {}
        }
        order::repeat(&order, || {
            let request = template.clone();
            async move { Ok(request.send().await.map(drop)?) }
        })
        .await
    })
    .await
}

/// The request with all that `sample` has.
fn like(
    sample: &Value,
    mut request: SendMessageBatchFluentBuilder,
) -> Result<SendMessageBatchFluentBuilder, Error> {
    for entry in sample["Entries"].as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let trace_header = &entry["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"];
        let mut like = SendMessageBatchRequestEntry::builder()
            .set_id(text(&entry["Id"]))
            .set_message_body(text(&entry["MessageBody"]));
        if let Some(trace_header) = trace_header.as_str() {
            let value = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(trace_header)
                .build()?;
            like = like.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, value);
        }
        request = request.entries(like.build()?);
    }
    Ok(request.set_queue_url(sample["QueueUrl"].as_str().map(ToOwned::to_owned)))
}
