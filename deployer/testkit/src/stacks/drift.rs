//! Drift: what is in the account against what the template says.

use pipectl_engine::status::StackStatus;
use serde_json::Value;

use super::comparison::drifted;
use super::stack::{Resource, Stack};
use super::{Stacks, Verb, missing};
use crate::refusal::Refusal;

/// Time that a detection takes.
const DETECTION_MS: i64 = 2_000;

/// A drift detection of a stack. What it found is what was there when it began.
#[derive(Debug, Clone)]
pub(crate) struct Detection {
    pub(crate) id: String,
    pub(crate) began_ms: i64,
    pub(crate) found: Vec<ResourceDrift>,
    /// Why some resources could not be checked.
    pub(crate) failure: Option<String>,
}

/// What a detection found about a resource.
#[derive(Debug, Clone)]
pub(crate) struct ResourceDrift {
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) resource_type: String,
    /// `StackResourceDriftStatus`.
    pub(crate) status: &'static str,
    pub(crate) expected: Value,
    pub(crate) actual: Option<Value>,
    pub(crate) differences: Vec<Difference>,
}

/// One property that differs.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) expected: Value,
    pub(crate) actual: Value,
}

impl Detection {
    pub(crate) fn is_complete(&self, now_ms: i64) -> bool {
        now_ms - self.began_ms >= DETECTION_MS
    }

    pub(crate) fn drifted_count(&self) -> usize {
        self.found.iter().filter(|it| matches!(it.status, "MODIFIED" | "DELETED")).count()
    }

    /// `StackDriftStatus`.
    pub(crate) fn status(&self) -> &'static str {
        if self.drifted_count() > 0 { "DRIFTED" } else { "IN_SYNC" }
    }
}

impl Stack {
    /// The newest detection that has ended.
    pub(crate) fn newest_detection(&self, now_ms: i64) -> Option<&Detection> {
        self.detections.iter().rev().find(|it| it.is_complete(now_ms))
    }
}

impl Stacks {
    /// Starts a detection. Source: CloudFormation user guide, "Detect drift on an entire stack": the
    /// stack must be in one of five statuses (read 2026-11-23).
    pub(crate) fn detect_drift(&mut self, stack: &str) -> Result<String, Refusal> {
        let now_ms = self.now_ms;
        let Self { all, around, .. } = self;
        let found = all.iter_mut().find(|it| it.is_called(stack));
        let stack = found.ok_or_else(|| missing(stack))?;
        let takes = matches!(
            stack.status,
            StackStatus::CreateComplete
                | StackStatus::UpdateComplete
                | StackStatus::UpdateRollbackComplete
                | StackStatus::UpdateRollbackFailed
                | StackStatus::ImportComplete
        );
        if !takes {
            let message = format!("Drift detection cannot be run on a stack in {}", stack.status);
            return Err(Refusal::invalid(message));
        }
        if stack.detections.iter().any(|it| !it.is_complete(now_ms)) {
            let sentence = "Drift detection is already in progress for stack";
            return Err(Refusal::invalid(format!("{sentence} [{}]", stack.id)));
        }
        let id = format!("{:08}-0000-0000-0002-000000000000", around.next_serial());
        let mut failure = None;
        let resources = stack.resources.values().filter(|it| it.exists());
        let look = |resource: &Resource| match around.failure(Verb::DetectDrift, &resource.logical_id) {
            None => drift_of(resource),
            Some(reason) => {
                let id = &resource.logical_id;
                failure = Some(format!("Failed to detect drift on resource [{id}]: {reason}"));
                ResourceDrift { status: "NOT_CHECKED", differences: Vec::new(), ..drift_of(resource) }
            }
        };
        let found = resources.map(look).collect();
        stack.detections.push(Detection { id: id.clone(), began_ms: now_ms, found, failure });
        Ok(id)
    }

    /// Finds a detection and its stack.
    pub(crate) fn detection(&self, id: &str) -> Result<(&Stack, &Detection), Refusal> {
        let mut all = self.all.iter().flat_map(|stack| stack.detections.iter().map(move |it| (stack, it)));
        let wrong = || Refusal::invalid(format!("Detection [{id}] does not exist"));
        all.find(|(_, it)| it.id == id).ok_or_else(wrong)
    }
}

fn drift_of(resource: &Resource) -> ResourceDrift {
    let differences: Vec<Difference> = drifted(resource)
        .into_iter()
        .map(|(name, actual)| Difference {
            expected: resource.expected.get(&name).cloned().unwrap_or(Value::Null),
            path: format!("/{name}"),
            actual,
        })
        .collect();
    let status = match (&resource.actual, differences.is_empty()) {
        (None, _) => "DELETED",
        (Some(_), true) => "IN_SYNC",
        (Some(_), false) => "MODIFIED",
    };
    ResourceDrift {
        logical_id: resource.logical_id.clone(),
        physical_id: resource.physical_id.clone(),
        resource_type: resource.resource_type.clone(),
        status,
        expected: resource.expected.clone(),
        actual: resource.actual.clone(),
        differences,
    }
}
