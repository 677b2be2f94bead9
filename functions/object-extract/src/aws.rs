//! The effects on AWS.

use std::future::Future;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};
use aws_types::SdkConfig;
use bytes::Bytes;
use pipectl_invocation::aws_error::AwsError;

use crate::config::{Config, is_fifo};
use crate::effects::{
    BodyError, Destination, Message, ObjectBody, ObjectStore, OpenError, OpenObject, Queue, Refusal,
};
use crate::event::ObjectCreated;

/// Objects in Amazon S3.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: aws_sdk_s3::Client,
}

impl S3Objects {
    /// Objects reached by `settings`. A custom endpoint is addressed by path, as it has no name per bucket.
    #[must_use]
    pub fn new(settings: &SdkConfig) -> Self {
        let s3_settings = aws_sdk_s3::config::Builder::from(settings)
            .force_path_style(settings.endpoint_url().is_some())
            .build();
        Self { client: aws_sdk_s3::Client::from_conf(s3_settings) }
    }
}

/// Codes of a missing object: never there, deleted, version deleted, and a delete marker asked for by version.
/// Source: Amazon S3 API reference, GetObject and error responses (read 2026-11-23).
const GONE_CODES: [&str; 4] = ["NoSuchKey", "NoSuchVersion", "NoSuchBucket", "MethodNotAllowed"];

impl ObjectStore for S3Objects {
    type Body = ByteStream;

    /// # Effects
    /// `s3:GetObject`, or `s3:GetObjectVersion` for an object with a version.
    async fn open(
        &self,
        object: &ObjectCreated,
        from: u64,
        entity_tag: Option<&str>,
    ) -> Result<OpenObject<ByteStream>, OpenError> {
        let mut request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        request =
            request.set_version_id(object.version_id.clone()).set_if_match(entity_tag.map(ToOwned::to_owned));
        if from > 0 {
            request = request.range(format!("bytes={from}-"));
        }
        let output = request.send().await.map_err(|error| match error.code() {
            Some(code) if GONE_CODES.contains(&code) => OpenError::Gone,
            _ => OpenError::Failed(AwsError::new("s3:GetObject", &error)),
        })?;
        let (from, size) = match output.content_range {
            Some(content_range) => part(&content_range).ok_or(OpenError::UnknownRange { content_range })?,
            // The whole object, also where a part was asked for.
            None => (0, output.content_length.and_then(|length| u64::try_from(length).ok())),
        };
        let (entity_tag, content_type) = (output.e_tag, output.content_type);
        Ok(OpenObject { body: output.body, from, size, entity_tag, content_type })
    }
}

/// First byte and, if told, size of the object in a `Content-Range` such as `bytes 200-1023/1024` or
/// `bytes 200-1023/*`. Source: RFC 9110, 14.4.
fn part(content_range: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = content_range.strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, _last) = range.split_once('-')?;
    let size = if size == "*" { None } else { Some(size.parse().ok()?) };
    Some((first.parse().ok()?, size))
}

impl ObjectBody for ByteStream {
    async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        let part = ByteStream::next(self).await?;
        Some(part.map_err(|error| BodyError { reason: pipectl_invocation::log::chain(&error) }))
    }
}

/// Queues in Amazon SQS.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: aws_sdk_sqs::Client,
    record_queue_url: String,
    reject_queue_url: String,
}

impl SqsQueues {
    /// The queues that `config` names, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, config: &Config) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(settings),
            record_queue_url: config.queue_url.clone(),
            reject_queue_url: config.reject_queue_url.clone(),
        }
    }

    fn url(&self, destination: Destination) -> &str {
        match destination {
            Destination::Records => &self.record_queue_url,
            Destination::Rejects => &self.reject_queue_url,
        }
    }
}

impl Queue for SqsQueues {
    /// # Effects
    /// `sqs:SendMessage`.
    fn send_batch(
        &self,
        destination: Destination,
        messages: &[Message],
    ) -> impl Future<Output = Result<Vec<Refusal>, AwsError>> + Send {
        let url = self.url(destination);
        let entries = messages.iter().enumerate().map(|(index, message)| entry(index, message, is_fifo(url)));
        let request = self.client.send_message_batch().queue_url(url).set_entries(Some(entries.collect()));
        async move {
            let output = request.send().await.map_err(|error| AwsError::new("sqs:SendMessage", &error))?;
            let refusals = output.failed.into_iter().map(|failed| Refusal {
                // An id that is not ours cannot come back; it would count against the first entry.
                index: failed.id.parse().unwrap_or_default(),
                code: failed.code,
            });
            Ok(refusals.collect())
        }
    }
}

fn entry(index: usize, message: &Message, is_fifo: bool) -> SendMessageBatchRequestEntry {
    let trace_header = message.trace_id.as_ref().map(|trace_id| {
        MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value(trace_id)
            .build()
            .expect("the data type is set")
    });
    let mut entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(&message.body);
    if let Some(trace_header) = trace_header {
        entry =
            entry.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace_header);
    }
    if is_fifo {
        entry = entry.message_group_id(&message.group_id).message_deduplication_id(&message.deduplication_id);
    }
    entry.build().expect("id and body are set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_tells_where_a_part_starts_and_how_large_the_object_is() {
        assert_eq!(part("bytes 200-1023/1024"), Some((200, Some(1024))));
        assert_eq!(part("bytes 0-0/*"), Some((0, None)));
        for unknown in ["", "bytes */1024", "items 1-2/3", "bytes 1-2", "bytes x-2/3"] {
            assert_eq!(part(unknown), None, "{unknown}");
        }
    }
}
