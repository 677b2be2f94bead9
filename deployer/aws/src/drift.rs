//! The engine's `DriftDetection` port on the SDK.

use aws_sdk_cloudformation::types;
use aws_sdk_cloudformation::types::{StackDriftDetectionStatus, StackResourceDriftStatus};
use pipectl_engine::aws_error::AwsError;
use pipectl_engine::drift::{DriftDetectionStatus, DriftStatus, DriftedProperty, ResourceDrift};
use pipectl_engine::port::DriftDetection;
use serde_json::Value;

use crate::SdkCloudFormation;
use crate::sdk_error::Call;

impl DriftDetection for SdkCloudFormation {
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError> {
        let call = Call::cloudformation("DetectStackDrift");
        let answer = self.client.detect_stack_drift().stack_name(stack).send().await;
        let answer = answer.map_err(|error| call.failed(error))?;
        answer.stack_drift_detection_id.ok_or_else(|| call.lacks("StackDriftDetectionId"))
    }

    async fn drift_detection(&self, detection: &str) -> Result<DriftDetectionStatus, AwsError> {
        let call = Call::cloudformation("DescribeStackDriftDetectionStatus");
        let request = self.client.describe_stack_drift_detection_status();
        let answer = request.stack_drift_detection_id(detection).send().await;
        let answer = answer.map_err(|error| call.failed(error))?;
        Ok(match answer.detection_status.ok_or_else(|| call.lacks("DetectionStatus"))? {
            StackDriftDetectionStatus::DetectionInProgress => DriftDetectionStatus::InProgress,
            StackDriftDetectionStatus::DetectionComplete => DriftDetectionStatus::Complete,
            other => DriftDetectionStatus::Failed(
                answer.detection_status_reason.unwrap_or_else(|| other.as_str().to_owned()),
            ),
        })
    }

    async fn drifted_resources(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
        let call = Call::cloudformation("DescribeStackResourceDrifts");
        let request = self
            .client
            .describe_stack_resource_drifts()
            .stack_name(stack)
            .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified)
            .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted);
        let (mut found, mut next_token) = (Vec::new(), None);
        loop {
            let page = request.clone().set_next_token(next_token).send().await;
            let page = page.map_err(|error| call.failed(error))?;
            found.extend(page.stack_resource_drifts.unwrap_or_default().into_iter().filter_map(resource));
            next_token = page.next_token.filter(|token| !token.is_empty());
            if next_token.is_none() {
                break;
            }
        }
        found.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        Ok(found)
    }
}

/// Reads a drifted resource; `None` when it is in sync or was not checked, whatever the filter said.
fn resource(drift: types::StackResourceDrift) -> Option<ResourceDrift> {
    let status = match drift.stack_resource_drift_status? {
        StackResourceDriftStatus::Modified => DriftStatus::Modified,
        StackResourceDriftStatus::Deleted => DriftStatus::Deleted,
        _ => return None,
    };
    let mut properties: Vec<DriftedProperty> =
        drift.property_differences.unwrap_or_default().into_iter().filter_map(property).collect();
    properties.sort_by(|one, other| one.path.cmp(&other.path));
    Some(ResourceDrift {
        logical_id: drift.logical_resource_id?,
        physical_id: drift.physical_resource_id.filter(|id| !id.is_empty()),
        resource_type: drift.resource_type.unwrap_or_default(),
        status,
        properties,
    })
}

fn property(difference: types::PropertyDifference) -> Option<DriftedProperty> {
    Some(DriftedProperty {
        path: difference.property_path?,
        expected: difference.expected_value.and_then(|text| value(&text)),
        actual: difference.actual_value.and_then(|text| value(&text)),
    })
}

/// AWS writes values as texts: JSON where they are objects, and the word null where there is none.
fn value(text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Null) => None,
        Ok(value) => Some(value),
        Err(_) => Some(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_from_their_texts() {
        assert_eq!(value("30"), Some(json!(30)));
        assert_eq!(value("{\"a\":1}"), Some(json!({"a": 1})));
        assert_eq!(value("info"), Some(json!("info")));
        assert_eq!(value("null"), None);
    }

    #[test]
    fn resource_in_sync_is_no_drift() {
        let drift = |status| {
            types::StackResourceDrift::builder()
                .stack_id("arn")
                .logical_resource_id("Q")
                .resource_type("AWS::SQS::Queue")
                .stack_resource_drift_status(status)
                .timestamp(aws_smithy_types::DateTime::from_secs(0))
                .build()
        };
        assert_eq!(resource(drift(StackResourceDriftStatus::InSync)), None);
        let deleted = resource(drift(StackResourceDriftStatus::Deleted));
        assert_eq!(deleted.map(|it| it.status), Some(DriftStatus::Deleted));
    }
}
