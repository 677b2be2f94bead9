//! Drift: what somebody changed by hand, as a detection finds it.

use std::collections::BTreeMap;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::drift::{DriftDetectionStatus, ResourceDrift};
use pipectl_engine::port::{Clock as _, CloudFormation as _, DriftDetection};

use crate::FakeCloudFormation;
use crate::refusal::Refusal;

/// Time that a detection takes.
const DETECTION_MS: i64 = 3_000;

/// What drifted, and the detections.
#[derive(Debug, Default)]
pub(crate) struct DriftBook {
    drifts: BTreeMap<String, Vec<ResourceDrift>>,
    detections: Vec<i64>,
}

impl FakeCloudFormation {
    /// Makes a resource of a stack drift. The next detection finds it.
    pub fn drift(&self, stack: &str, drift: ResourceDrift) {
        self.drift.lock().drifts.entry(stack.to_owned()).or_default().push(drift);
    }
}

impl DriftDetection for FakeCloudFormation {
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError> {
        let found = self.describe_stack(stack).await?;
        let now = self.clock.now_ms();
        self.journal.call("CloudFormation", "DetectStackDrift", || {
            let found = found.as_ref().filter(|found| found.status.is_settled());
            found
                .ok_or_else(|| Refusal::invalid("Drift detection cannot be performed on this stack now."))?;
            let mut book = self.drift.lock();
            book.detections.push(now);
            Ok((book.detections.len() - 1).to_string())
        })
    }

    async fn drift_detection(&self, detection: &str) -> Result<DriftDetectionStatus, AwsError> {
        let now = self.clock.now_ms();
        self.journal.call("CloudFormation", "DescribeStackDriftDetectionStatus", || {
            let begun = detection.parse::<usize>().ok();
            let begun = begun.and_then(|index| self.drift.lock().detections.get(index).copied());
            let begun = begun.ok_or_else(|| Refusal::invalid("There is no such drift detection."))?;
            let is_over = now - begun >= DETECTION_MS;
            Ok(if is_over { DriftDetectionStatus::Complete } else { DriftDetectionStatus::InProgress })
        })
    }

    async fn drifted_resources(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
        self.journal.call("CloudFormation", "DescribeStackResourceDrifts", || {
            let mut found = self.drift.lock().drifts.get(stack).cloned().unwrap_or_default();
            found.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
            Ok(found)
        })
    }
}
