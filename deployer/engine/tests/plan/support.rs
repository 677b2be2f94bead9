//! A template of one function, and the stack that it became.

use std::collections::BTreeMap;

use pipectl_engine::change_set::ChangeSetRequest;
use pipectl_engine::deployed::{DeployedStack, DeploymentMode};
use pipectl_engine::package::Package;
use pipectl_engine::plan::{Artifacts, Deployed, Plan, PlanError, Step, Wanted, plan};
use pipectl_engine::status::StackStatus;
use serde_json::{Value, json};

pub(crate) fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn template() -> Value {
    json!({
        "Parameters": {
            "ArtifactBucket": {"Type": "String"},
            "WorkerCodeKey": {"Type": "String"},
            "Level": {"Type": "String", "Default": "info"},
        },
        "Resources": {"Worker": {"Type": "AWS::Lambda::Function", "Properties": {
            "Code": {"S3Bucket": {"Ref": "ArtifactBucket"}, "S3Key": {"Ref": "WorkerCodeKey"}}}}},
    })
}

pub(crate) fn package(sha256: &str) -> Package {
    Package {
        function: "worker".to_owned(),
        crate_name: "worker".to_owned(),
        path: "worker.zip".into(),
        sha256: sha256.to_owned(),
        bytes: 1,
    }
}

pub(crate) fn wanted() -> Wanted {
    Wanted {
        stack: "s".to_owned(),
        template: template(),
        given: values(&[]),
        tags: values(&[]),
        mode: DeploymentMode::Standard,
    }
}

pub(crate) fn artifacts(sha256: &str) -> Artifacts {
    let packages = [("WorkerCodeKey".to_owned(), package(sha256))].into();
    Artifacts { bucket: "artifacts".to_owned(), packages }
}

/// The stack that [`wanted`] and `artifacts("1")` make, in a status.
pub(crate) fn deployed(status: StackStatus) -> Deployed {
    let key = package("1").key();
    let parameters =
        values(&[("ArtifactBucket", "artifacts"), ("WorkerCodeKey", key.as_str()), ("Level", "info")]);
    let stack = DeployedStack {
        name: "s".to_owned(),
        id: "arn".to_owned(),
        status,
        status_reason: None,
        parameters,
        outputs: values(&[]),
        tags: values(&[]),
        termination_protection: false,
        mode: DeploymentMode::Standard,
        rollback_disabled: false,
        change_set_id: None,
        changed_at_ms: None,
        last_operations: Vec::new(),
    };
    Deployed { stack, template: template() }
}

pub(crate) fn names(planned: Result<Plan, PlanError>) -> Vec<&'static str> {
    planned.unwrap().steps.iter().map(Step::name).collect()
}

/// The change set that is asked for.
pub(crate) fn request(
    wanted: &Wanted,
    deployed: Option<&Deployed>,
    artifacts: &Artifacts,
) -> ChangeSetRequest {
    let steps = plan(wanted, deployed, artifacts).unwrap().steps;
    let found = steps.into_iter().find_map(|step| match step {
        Step::CreateChangeSet(request) => Some(request),
        _ => None,
    });
    found.unwrap()
}
