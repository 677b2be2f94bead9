//! The effects on AWS.

use aws_sdk_sqs::types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use aws_types::SdkConfig;
use pipectl_invocation::aws_error::AwsError;

use crate::effects::{Message, Queue};

/// A queue in Amazon SQS.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsQueue {
    /// The queue with `url`, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, url: &str) -> Self {
        Self { client: aws_sdk_sqs::Client::new(settings), url: url.to_owned() }
    }
}

impl Queue for SqsQueue {
    /// # Effects
    /// `sqs:SendMessage`.
    async fn send(&self, message: &Message) -> Result<(), AwsError> {
        let mut request = self.client.send_message().queue_url(&self.url).message_body(&message.body);
        if let Some(trace_id) = &message.trace_id {
            let trace_header = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(trace_id)
                .build()
                .expect("the data type is set");
            request = request
                .message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace_header);
        }
        // The name of a FIFO queue, and so its URL, must end so.
        if self.url.ends_with(".fifo") {
            request = request
                .message_group_id(&message.group_id)
                .message_deduplication_id(&message.deduplication_id);
        }
        request.send().await.map(drop).map_err(|error| AwsError::new("sqs:SendMessage", &error))
    }
}
