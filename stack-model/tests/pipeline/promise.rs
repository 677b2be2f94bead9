//! What the opinion layer promises for every pipeline.

use serde_json::{Value as Json, json};
use stack_model::Template;
use stack_model::handle::{Fifo, Standard};

use crate::ingest::ingest;

fn property(template: &Template, logical_id: &str, name: &str) -> Json {
    template.resource(logical_id).unwrap().property(name).cloned().unwrap_or_default()
}

#[test]
fn visibility_timeout_is_six_times_the_consumers_timeout() {
    assert_eq!(property(&ingest::<Standard>().template(), "MessagesQueue", "VisibilityTimeout"), 174);
}

#[test]
fn dead_letter_and_on_failure_queues_keep_messages_14_days_and_have_alarms() {
    let template = ingest::<Standard>().template();
    for queue in ["MessagesDlqQueue", "ExtractFailuresQueue"] {
        assert_eq!(property(&template, queue, "MessageRetentionPeriod"), 1_209_600);
        let alarm = property(&template, &format!("{queue}DepthAlarm"), "AlarmActions");
        assert_eq!(alarm, json!([{"Ref": "AlertsTopic"}]));
    }
}

#[test]
fn on_failure_queue_stays_standard_in_a_fifo_pipeline() {
    let template = ingest::<Fifo>().template();
    assert_eq!(property(&template, "MessagesQueue", "FifoQueue"), true);
    assert_eq!(property(&template, "ExtractFailuresQueue", "FifoQueue"), Json::Null);
}

#[test]
fn bucket_waits_for_the_permission_of_its_notification() {
    let template = ingest::<Standard>().template();
    let bucket = template.resource("UploadsBucket").unwrap();
    assert_eq!(bucket.attribute("DependsOn"), Some(&json!(["UploadsBucketObjectExtractPermission"])));
}

#[test]
fn table_and_bucket_are_kept_and_queues_are_not() {
    let template = ingest::<Standard>().template();
    for logical_id in ["RecordsTable", "UploadsBucket"] {
        let resource = template.resource(logical_id).unwrap();
        assert_eq!(resource.attribute("DeletionPolicy"), Some(&json!("RetainExceptOnCreate")));
        assert_eq!(resource.attribute("UpdateReplacePolicy"), Some(&json!("Retain")));
    }
    assert_eq!(
        template.resource("MessagesQueue").unwrap().attribute("DeletionPolicy"),
        Some(&json!("Delete"))
    );
}

#[test]
fn mapping_reports_partial_batches() {
    let template = ingest::<Standard>().template();
    let types = property(&template, "MessageWriterMessagesQueueMapping", "FunctionResponseTypes");
    assert_eq!(types, json!(["ReportBatchItemFailures"]));
}

#[test]
fn outputs_name_what_a_user_needs_next() {
    let template = ingest::<Standard>().template();
    let outputs: Vec<_> = template.entries("Outputs").map(|(name, _)| name).collect();
    let expected = [
        "AlertsTopicArn",
        "ExtractFailuresQueueUrl",
        "MessageWriterFunctionName",
        "MessagesDlqQueueUrl",
        "MessagesQueueUrl",
        "ObjectExtractFunctionName",
        "RecordsApiFunctionName",
        "RecordsApiUrl",
        "RecordsTableName",
        "UploadsBucketName",
    ];
    assert_eq!(outputs, expected);
}

#[test]
fn code_is_named_by_parameters_only() {
    let template = ingest::<Standard>().template();
    let parameters: Vec<_> = template.entries("Parameters").map(|(name, _)| name).collect();
    let expected = [
        "ArtifactBucket",
        "BucketNameSuffix",
        "MessageWriterFunctionCodeKey",
        "ObjectExtractFunctionCodeKey",
        "RecordsApiFunctionCodeKey",
    ];
    assert_eq!(parameters, expected);
}
