//! What pipectl's own calls need of a deployer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::code_only::record::prefix;
use crate::permission::document::Statement;
use crate::permission::execution::{self, ARTIFACT_OBJECTS, Subject, names};

/// The calls; a test holds the list to the calls that the adapters make.
static OPERATIONS: LazyLock<Operations> =
    LazyLock::new(|| serde_json::from_str(include_str!("operations.json")).expect("a test reads the list"));

#[derive(Debug, Deserialize)]
struct Operations {
    operations: Vec<Operation>,
}

/// A call that pipectl makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// What it belongs to: `deploy`, `artifacts`, `alerts`, ...
    pub group: String,
    /// Service as AWS writes it, for example `CloudFormation`.
    pub service: String,
    /// Operation as AWS writes it, for example `CreateChangeSet`.
    pub operation: String,
    /// IAM actions that it needs; none when everybody may.
    pub actions: Vec<String>,
    on: On,
    reason: Option<String>,
}

/// What a call works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum On {
    Stack,
    ArtifactBucket,
    ArtifactObjects,
    /// Packages, templates and the stack's own records.
    NewArtifacts,
    /// The stack's records of direct updates of code.
    Records,
    StackBuckets,
    StackBucketObjects,
    Alarms,
    Topics,
    Functions,
    Mappings,
    Tables,
    Caller,
    Everything,
}

/// Lists every call that the policy covers.
#[must_use]
pub fn operations() -> &'static [Operation] {
    &OPERATIONS.operations
}

/// Derives the policy of a deployer: of someone, or a CI job, that runs pipectl on one stack.
///
/// `execution_role` is the ARN of the role that CloudFormation takes on, if it takes on one; `deployer`
/// names the deployer's own role, which it may simulate.
#[must_use]
pub fn policy(subject: Subject<'_>, execution_role: Option<&str>, deployer: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for operation in operations().iter().filter(|operation| !operation.actions.is_empty()) {
        let resources = resources(operation.on, subject, deployer);
        if resources.is_empty() {
            continue;
        }
        statements.push(Statement {
            sid: sid(&operation.group, operation.on),
            actions: operation.actions.iter().cloned().collect(),
            resources,
            condition: Value::Null,
            everywhere_because: operation.reason.clone(),
        });
    }
    statements.extend(reading(subject, &statements));
    statements.extend(execution_role.map(pass_role));
    statements
}

/// What drift detection reads, but for what the deployer may do to the same resources anyway.
fn reading(subject: Subject<'_>, others: &[Statement]) -> Vec<Statement> {
    let may = |action: &String, resources: &BTreeSet<String>| {
        let mut others = others.iter().filter(|other| other.actions.contains(action));
        others.any(|other| other.resources.contains("*") || !other.resources.is_disjoint(resources))
    };
    let mut reading = execution::reading(subject);
    for Statement { actions, resources, .. } in &mut reading {
        actions.retain(|action| !may(action, resources));
    }
    reading.retain(|statement| !statement.actions.is_empty());
    reading
}

fn pass_role(execution_role: &str) -> Statement {
    Statement {
        sid: "PassExecutionRole".to_owned(),
        actions: ["iam:PassRole".to_owned()].into(),
        resources: [execution_role.to_owned()].into(),
        condition: json!({"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}),
        everywhere_because: None,
    }
}

fn sid(group: &str, on: On) -> String {
    let (first, rest) = group.split_at(group.len().min(1));
    format!("{}{rest}{on:?}", first.to_uppercase())
}

fn resources(on: On, subject: Subject<'_>, deployer: &str) -> BTreeSet<String> {
    let place = subject.place;
    let each = |resource_type: &str, pattern: &str| -> BTreeSet<String> {
        names(resource_type, subject).iter().map(|name| place.arn(pattern, name)).collect()
    };
    let records = format!("{}*", prefix(subject.stack));
    let artifact = |keys: &str| place.arn(&ARTIFACT_OBJECTS.replace("/*", "/${Name}"), keys);
    match on {
        On::Stack => [place.arn("cloudformation:${Region}:${Account}:stack/${Name}/*", subject.stack)].into(),
        On::ArtifactBucket => [place.arn(ARTIFACT_OBJECTS.trim_end_matches("/*"), "")].into(),
        On::ArtifactObjects => [place.arn(ARTIFACT_OBJECTS, "")].into(),
        On::NewArtifacts => ["packages/*", "templates/*", &records].map(artifact).into(),
        On::Records => [artifact(&records)].into(),
        On::StackBuckets => each("AWS::S3::Bucket", "s3:::${Name}"),
        On::StackBucketObjects => each("AWS::S3::Bucket", "s3:::${Name}/*"),
        On::Alarms => each("AWS::CloudWatch::Alarm", "cloudwatch:${Region}:${Account}:alarm:${Name}"),
        On::Topics => each("AWS::SNS::Topic", "sns:${Region}:${Account}:${Name}"),
        On::Functions => each("AWS::Lambda::Function", "lambda:${Region}:${Account}:function:${Name}"),
        On::Mappings => {
            let has_any = !names("AWS::Lambda::EventSourceMapping", subject).is_empty();
            let arn = place.arn("lambda:${Region}:${Account}:event-source-mapping:*", "");
            has_any.then_some(arn).into_iter().collect()
        }
        On::Tables => each("AWS::DynamoDB::Table", "dynamodb:${Region}:${Account}:table/${Name}"),
        On::Caller => [deployer.to_owned()].into(),
        On::Everything => ["*".to_owned()].into(),
    }
}
