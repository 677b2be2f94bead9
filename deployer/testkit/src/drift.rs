//! The port of drift detection in front of the state machine.

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::drift::{DriftDetectionStatus, DriftStatus, DriftedProperty, ResourceDrift};
use pipectl_engine::port::DriftDetection;
use serde_json::Value;

use crate::FakeCloudFormation;
use crate::stacks::drift::{Difference, ResourceDrift as Found};

impl FakeCloudFormation {
    /// Makes a resource of a stack drift as described. The next detection finds it.
    pub fn drift(&self, stack: &str, drift: ResourceDrift) {
        let mut stacks = self.now();
        if drift.status == DriftStatus::Deleted {
            return stacks.delete_by_hand(stack, &drift.logical_id);
        }
        for property in drift.properties {
            let name = property.path.trim_start_matches('/');
            stacks.change_by_hand(stack, &drift.logical_id, name, property.actual.unwrap_or(Value::Null));
        }
    }
}

impl DriftDetection for FakeCloudFormation {
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError> {
        self.call("DetectStackDrift", |stacks| stacks.detect_drift(stack)).await
    }

    async fn drift_detection(&self, detection: &str) -> Result<DriftDetectionStatus, AwsError> {
        self.call("DescribeStackDriftDetectionStatus", |stacks| {
            let (_, found) = stacks.detection(detection)?;
            Ok(match &found.failure {
                _ if !found.is_complete(stacks.now_ms()) => DriftDetectionStatus::InProgress,
                Some(reason) => DriftDetectionStatus::Failed(reason.clone()),
                None => DriftDetectionStatus::Complete,
            })
        })
        .await
    }

    async fn drifted_resources(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
        self.call("DescribeStackResourceDrifts", |stacks| {
            let newest = stacks.find(stack)?.newest_detection(stacks.now_ms());
            let found = newest.into_iter().flat_map(|it| &it.found);
            Ok(found.filter_map(drifted).collect())
        })
        .await
    }
}

/// A resource that has drifted; `None` for one that is in sync.
fn drifted(found: &Found) -> Option<ResourceDrift> {
    let status = match found.status {
        "DELETED" => DriftStatus::Deleted,
        "MODIFIED" => DriftStatus::Modified,
        _ => return None,
    };
    let known = |value: &Value| (!value.is_null()).then(|| value.clone());
    let property = |it: &Difference| DriftedProperty {
        path: it.path.clone(),
        expected: known(&it.expected),
        actual: known(&it.actual),
    };
    Some(ResourceDrift {
        logical_id: found.logical_id.clone(),
        physical_id: (status == DriftStatus::Modified).then(|| found.physical_id.clone()),
        resource_type: found.resource_type.clone(),
        status,
        properties: found.differences.iter().map(property).collect(),
    })
}
