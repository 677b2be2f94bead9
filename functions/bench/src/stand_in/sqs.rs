//! Amazon SQS, JSON protocol.
//!
//! Source: SQS API reference (read 2026-11-23).

use serde_json::json;

/// The answer; `None` for an operation that is not known here.
pub(super) fn answer(operation: &str, body: &[u8]) -> Option<String> {
    match operation {
        "SendMessageBatch" => Some(sent_batch(entries(body))),
        "SendMessage" => Some(json!({ "MessageId": MESSAGE_ID, "MD5OfMessageBody": MD5 }).to_string()),
        "ReceiveMessage" => Some(received()),
        "GetQueueAttributes" => Some(
            json!({ "Attributes": {
                "QueueArn": "arn:aws:sqs:us-east-1:123456789012:records-dlq",
                "ApproximateNumberOfMessages": "10",
                "ApproximateNumberOfMessagesNotVisible": "0",
            } })
            .to_string(),
        ),
        _ => None,
    }
}

const MESSAGE_ID: &str = "059f36b4-87a3-44ab-83d2-661975830a7d";
const MD5: &str = "098f6bcd4621d373cade4e832627b4f6";

/// Entries of a batch. Quotes within a message are escaped, so the name of an entry's member cannot occur in one.
fn entries(body: &[u8]) -> usize {
    const NAME: &[u8] = br#""MessageBody":"#;
    body.windows(NAME.len()).filter(|window| *window == NAME).count()
}

fn sent_batch(entries: usize) -> String {
    let successful: Vec<String> = (0..entries)
        .map(|id| format!(r#"{{"Id":"{id}","MessageId":"{MESSAGE_ID}","MD5OfMessageBody":"{MD5}"}}"#))
        .collect();
    format!(r#"{{"Successful":[{}],"Failed":[]}}"#, successful.join(","))
}

fn received() -> String {
    let messages: Vec<serde_json::Value> = (0..10)
        .map(|number| {
            json!({
                "MessageId": format!("{number}{}", &MESSAGE_ID[1..]),
                "ReceiptHandle": "AQEB",
                "MD5OfBody": MD5,
                "Body": r#"{"version":1,"source":"s3://bench/key","reason":{"code":"not_json"}}"#,
                "Attributes": { "SentTimestamp": "1795438800000" },
            })
        })
        .collect();
    json!({ "Messages": messages }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_a_batch_is_accepted() {
        let body =
            br#"{"Entries":[{"Id":"0","MessageBody":"{\"MessageBody\":1}"},{"Id":"1","MessageBody":"b"}]}"#;
        let answer: serde_json::Value =
            serde_json::from_str(&answer("SendMessageBatch", body).unwrap()).unwrap();
        assert_eq!(answer["Successful"].as_array().unwrap().len(), 2);
    }
}
