//! The effects on AWS.

use std::time::{Duration, SystemTime};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use aws_types::SdkConfig;
use pipectl_invocation::aws_error::AwsError;
use serde_json::json;

use crate::effects::{DeadLetter, DeadLetterQueue, QueueDescription, Topic};
use crate::notice::Notice;

/// Most messages of one call. Source: SQS API reference, ReceiveMessage (read 2026-11-23).
const MAX_MESSAGES: i32 = 10;

/// A dead-letter queue in Amazon SQS.
#[derive(Debug, Clone)]
pub struct SqsDeadLetterQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsDeadLetterQueue {
    /// The queue with `url`, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, url: &str) -> Self {
        Self { client: aws_sdk_sqs::Client::new(settings), url: url.to_owned() }
    }
}

impl DeadLetterQueue for SqsDeadLetterQueue {
    /// # Effects
    /// `sqs:GetQueueAttributes`.
    async fn describe(&self) -> Result<QueueDescription, AwsError> {
        let output = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .send()
            .await
            .map_err(|error| AwsError::new("sqs:GetQueueAttributes", &error))?;
        let attribute = |name| output.attributes().and_then(|attributes| attributes.get(&name));
        let count = |name| attribute(name).and_then(|count| count.parse().ok()).unwrap_or_default();
        Ok(QueueDescription {
            arn: attribute(QueueAttributeName::QueueArn).cloned().unwrap_or_default(),
            visible: count(QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        })
    }

    /// # Effects
    /// `sqs:ReceiveMessage` with a visibility timeout of 0. A longer one would hide the messages from a redrive, and
    /// from the metric that the alarm watches: it would calm down and go off once more.
    async fn peek(&self) -> Result<Vec<DeadLetter>, AwsError> {
        let output = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(MAX_MESSAGES)
            .visibility_timeout(0)
            // Long polling asks all of SQS's servers, where short polling may miss the few messages there are.
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(|error| AwsError::new("sqs:ReceiveMessage", &error))?;
        Ok(output.messages.unwrap_or_default().into_iter().map(dead_letter).collect())
    }
}

fn dead_letter(message: Message) -> DeadLetter {
    let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let milliseconds = sent.and_then(|sent| sent.parse().ok()).unwrap_or_default();
    DeadLetter {
        sent: SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds),
        message_id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
    }
}

/// A topic in Amazon SNS.
#[derive(Debug, Clone)]
pub struct SnsTopic {
    client: aws_sdk_sns::Client,
    arn: String,
}

impl SnsTopic {
    /// The topic with `arn`, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, arn: &str) -> Self {
        Self { client: aws_sdk_sns::Client::new(settings), arn: arn.to_owned() }
    }
}

impl Topic for SnsTopic {
    /// # Effects
    /// `sns:Publish`.
    async fn publish(&self, notice: &Notice) -> Result<(), AwsError> {
        let by_protocol = json!({ "default": notice.text, "sms": notice.short_text });
        self.client
            .publish()
            .topic_arn(&self.arn)
            .subject(&notice.subject)
            .message_structure("json")
            .message(by_protocol.to_string())
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::new("sns:Publish", &error))
    }
}
