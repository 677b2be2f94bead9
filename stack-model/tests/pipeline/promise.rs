//! What the opinion layer promises for every pipeline.

use serde_json::json;
use stack_model::Template;
use stack_model::assertion::{Pattern, assert_has_resource, assert_resource_is};
use stack_model::handle::{Fifo, Standard};

use crate::ingest::ingest;

fn template() -> Template {
    ingest::<Standard>().template()
}

#[test]
fn visibility_timeout_is_six_times_the_consumers_timeout() {
    assert_resource_is(&template(), "MessagesQueue", json!({"Properties": {"VisibilityTimeout": 174}}));
}

#[test]
fn dead_letter_and_on_failure_queues_keep_messages_14_days_and_have_alarms() {
    for queue in ["MessagesDlqQueue", "ExtractFailuresQueue"] {
        assert_resource_is(&template(), queue, json!({"Properties": {"MessageRetentionPeriod": 1_209_600}}));
        let notifies = json!({"Properties": {"AlarmActions": [{"Ref": "AlertsTopic"}]}});
        assert_resource_is(&template(), &format!("{queue}DepthAlarm"), notifies);
    }
}

#[test]
fn on_failure_queue_stays_standard_in_a_fifo_pipeline() {
    let template = ingest::<Fifo>().template();
    assert_resource_is(&template, "MessagesQueue", json!({"Properties": {"FifoQueue": true}}));
    let standard = Pattern::object([("FifoQueue", Pattern::absent())]);
    assert_resource_is(&template, "ExtractFailuresQueue", Pattern::object([("Properties", standard)]));
}

#[test]
fn bucket_waits_for_the_permission_of_its_notification() {
    let waits = json!({"DependsOn": ["UploadsBucketObjectExtractPermission"]});
    assert_resource_is(&template(), "UploadsBucket", waits);
}

#[test]
fn table_and_bucket_are_kept_and_queues_are_not() {
    for logical_id in ["RecordsTable", "UploadsBucket"] {
        let kept = json!({"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"});
        assert_resource_is(&template(), logical_id, kept);
    }
    assert_resource_is(&template(), "MessagesQueue", json!({"DeletionPolicy": "Delete"}));
}

#[test]
fn mapping_reports_partial_batches() {
    let reports = json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]});
    assert_has_resource(&template(), "AWS::Lambda::EventSourceMapping", reports);
}

#[test]
fn outputs_name_what_a_user_needs_next() {
    let template = template();
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
    let template = template();
    let parameters: Vec<_> = template.entries("Parameters").map(|(name, _)| name).collect();
    let expected = [
        "ArtifactBucket",
        "BucketNameSuffix",
        "MessageWriterFunctionCodeKey",
        "ObjectExtractFunctionCodeKey",
        "PermissionsBoundary",
        "RecordsApiFunctionCodeKey",
    ];
    assert_eq!(parameters, expected);
}
