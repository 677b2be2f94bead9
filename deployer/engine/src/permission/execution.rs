//! What CloudFormation must be allowed to create, update and delete the resources of a template.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::permission::document::Statement;
use crate::permission::handler::{Handlers, handlers};
use crate::permission::name::{generated, patterns};
use crate::permission::place::Place;

/// The policy, and what could not be derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Statements in the order of the resource types.
    pub statements: Vec<Statement>,
    /// Resource types that the table does not know: what they need has to be added by hand.
    pub unknown_types: BTreeSet<String>,
    /// Roles of the template without the permissions boundary that is asked for.
    pub unbounded_roles: BTreeSet<String>,
    /// KMS keys of the template without the tag [`STACK_TAG`], by which the policy knows the stack's keys.
    pub untagged_keys: BTreeSet<String>,
}

pub use stack_model::kms::STACK_TAG;

/// What the policy is for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The template.
    pub template: &'a Value,
    /// Stack name.
    pub stack: &'a str,
    /// Where the stack is.
    pub place: &'a Place,
    /// ARN of the permissions boundary that every role of the stack must have; `None` where roles need none.
    pub permissions_boundary: Option<&'a str>,
}

/// Derives the policy of the role that CloudFormation takes on.
#[must_use]
pub fn policy(subject: Subject<'_>) -> Execution {
    let by_type = by_type(subject.template);
    let mut statements = Vec::new();
    let mut unknown_types = BTreeSet::new();
    for (resource_type, resources) in &by_type {
        match handlers(resource_type) {
            Some(table) => {
                statements.extend(of_type(resource_type, table, resources, &by_type, subject));
            }
            // Custom resources are functions, waiting needs nothing.
            None if resource_type.starts_with("AWS::CloudFormation::WaitCondition") => {}
            None => {
                unknown_types.insert((*resource_type).to_owned());
            }
        }
    }
    statements.extend(artifacts(&by_type, subject));
    statements.extend(pass_role(&by_type, subject));
    statements.extend(secrets(subject));
    let unbounded_roles = unbounded(&by_type, subject);
    let untagged_keys = untagged(&by_type, subject);
    Execution { statements, unknown_types, unbounded_roles, untagged_keys }
}

/// Derives what reading the template's resources takes, as drift detection does in the caller's name: of
/// what the handlers do to every resource of a type. Values of parameters are left out, as they may be
/// secrets, and decryption; what drifted there stays unknown. A statement may be left without actions.
/// Source: user guide, "Detect unmanaged configuration changes to stacks and resources with drift detection"
/// (read 2026-11-23).
pub(crate) fn reading(subject: Subject<'_>) -> Vec<Statement> {
    let by_type = by_type(subject.template);
    let of_each = by_type.keys().filter_map(|resource_type| {
        Some(of_every(resource_type, handlers(resource_type)?, &by_type, subject))
    });
    let reading = of_each.flatten().map(|mut statement| {
        statement.actions.retain(|action| reads(action));
        Statement { sid: format!("Read{}", statement.sid), ..statement }
    });
    reading.collect()
}

fn reads(action: &str) -> bool {
    const VERBS: [&str; 4] = ["Describe", "GET", "Get", "List"];
    let (_, verb) = action.split_once(':').unwrap_or_default();
    VERBS.iter().any(|reading| verb.starts_with(reading)) && action != "ssm:GetParameters"
}

pub(crate) type ByType<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a Map<String, Value>)>>;

static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

pub(crate) fn by_type(template: &Value) -> ByType<'_> {
    let mut types: ByType<'_> = BTreeMap::new();
    for (logical_id, resource) in template.get("Resources").and_then(Value::as_object).into_iter().flatten() {
        let Some(resource_type) = resource.get("Type").and_then(Value::as_str) else { continue };
        let properties = resource.get("Properties").and_then(Value::as_object).unwrap_or(&NOTHING);
        types.entry(resource_type).or_default().push((logical_id, properties));
    }
    types
}

/// Returns the patterns of the names of all resources of a type.
pub(crate) fn names(resource_type: &str, subject: Subject<'_>) -> BTreeSet<String> {
    names_of(resource_type, &by_type(subject.template), subject)
}

fn names_of(resource_type: &str, by_type: &ByType<'_>, subject: Subject<'_>) -> BTreeSet<String> {
    let Some(table) = handlers(resource_type) else { return BTreeSet::new() };
    let resources = by_type.get(resource_type).into_iter().flatten();
    let each =
        resources.map(|(logical_id, properties)| Named { resource_type, table, logical_id, properties });
    each.flat_map(|named| name_of(&named, subject)).collect()
}

/// A resource whose name is asked for.
pub(crate) struct Named<'a> {
    pub(crate) resource_type: &'a str,
    pub(crate) table: &'a Handlers,
    pub(crate) logical_id: &'a str,
    pub(crate) properties: &'a Map<String, Value>,
}

/// Returns the patterns of the name of a resource.
pub(crate) fn name_of(named: &Named<'_>, subject: Subject<'_>) -> BTreeSet<String> {
    let Named { resource_type, table, logical_id, properties } = *named;
    let value = |key: &Option<String>| key.as_ref().and_then(|key| properties.get(key));
    let of = |value: &Value| patterns(value, subject.stack, subject.place);
    let mut names: BTreeSet<String> = value(&table.name).map(of).unwrap_or_default();
    // The account-regional namespace ends a name with `-<account>-<region>-an`.
    names.extend(value(&table.prefix).map(of).unwrap_or_default().iter().map(|prefix| format!("{prefix}*")));
    if names.is_empty() {
        names.insert(generated(subject.stack, logical_id, resource_type == "AWS::S3::Bucket"));
    }
    // The ARN of a parameter has the slash that its name may begin with.
    let is_parameter = resource_type == "AWS::SSM::Parameter";
    let bare = |name: String| {
        if is_parameter { name.trim_start_matches('/').to_owned() } else { name }
    };
    names.into_iter().map(bare).collect()
}

fn sid(resource_type: &str, end: &str) -> String {
    resource_type.split("::").skip(1).collect::<String>() + end
}

fn texts(values: &[String]) -> BTreeSet<String> {
    values.iter().cloned().collect()
}

/// Returns the patterns of the ARN of a resource.
pub(crate) fn arns_of(named: &Named<'_>, subject: Subject<'_>) -> BTreeSet<String> {
    let names = name_of(named, subject);
    // Below the resource, such as a table's indexes, there are ARNs of others. A key's is known by no name.
    let is_below = |arn: &&String| arn.ends_with("/${Name}/*");
    let own = named.table.arns.iter().filter(|arn| !is_below(arn));
    own.flat_map(|arn| names.iter().map(move |name| subject.place.arn(arn, name))).collect()
}

/// The ARNs of a type's resources.
fn arns(
    resource_type: &str,
    table: &Handlers,
    patterns: &[String],
    by_type: &ByType<'_>,
    subject: Subject<'_>,
) -> BTreeSet<String> {
    let mut names = names_of(table.on.as_deref().unwrap_or(resource_type), by_type, subject);
    if names.is_empty() {
        // It acts upon what is not in the stack.
        names.insert("*".to_owned());
    }
    let each = patterns.iter().flat_map(|arn| names.iter().map(move |name| subject.place.arn(arn, name)));
    each.collect()
}

/// What the handlers do to every resource of a type, whatever its properties.
fn of_every(
    resource_type: &str,
    table: &Handlers,
    by_type: &ByType<'_>,
    subject: Subject<'_>,
) -> Vec<Statement> {
    let own = Statement {
        sid: sid(resource_type, ""),
        actions: texts(&table.actions),
        resources: arns(resource_type, table, &table.arns, by_type, subject),
        condition: filled(&table.condition, subject),
        everywhere_because: None,
    };
    let everywhere = table.everywhere.as_ref().map(|everywhere| {
        let condition = match mapping_condition(resource_type, by_type, subject) {
            Value::Null => filled(&everywhere.condition, subject),
            of_mappings => of_mappings,
        };
        everywhere_statement(
            sid(resource_type, "Everywhere"),
            &everywhere.actions,
            &everywhere.reason,
            condition,
        )
    });
    [Some(own), everywhere].into_iter().flatten().collect()
}

/// A condition of the table, for one stack and its place.
fn filled(condition: &Value, subject: Subject<'_>) -> Value {
    match condition {
        Value::String(text) => {
            text.replace("${Stack}", subject.stack).replace("${Region}", &subject.place.region).into()
        }
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), filled(value, subject))).collect()
        }
        other => other.clone(),
    }
}

fn of_type(
    resource_type: &str,
    table: &Handlers,
    resources: &[(&str, &Map<String, Value>)],
    by_type: &ByType<'_>,
    subject: Subject<'_>,
) -> Vec<Statement> {
    let mut statements = of_every(resource_type, table, by_type, subject);
    for when in &table.when {
        if !resources.iter().any(|(_, properties)| properties.contains_key(&when.property)) {
            continue;
        }
        let sid = sid(resource_type, &when.property);
        statements.push(match (&when.arns, when.everywhere) {
            (_, true) => everywhere_statement(
                sid,
                &when.actions,
                when.reason.as_deref().unwrap_or_default(),
                filled(&when.condition, subject),
            ),
            (other, false) => Statement {
                sid,
                actions: texts(&when.actions),
                resources: arns(
                    resource_type,
                    table,
                    other.as_ref().unwrap_or(&table.arns),
                    by_type,
                    subject,
                ),
                condition: filled(&when.condition, subject),
                everywhere_because: None,
            },
        });
    }
    bounded(statements, subject)
}

fn everywhere_statement(sid: String, actions: &[String], reason: &str, condition: Value) -> Statement {
    Statement {
        sid,
        actions: texts(actions),
        resources: ["*".to_owned()].into(),
        condition,
        everywhere_because: Some(reason.to_owned()),
    }
}

/// A mapping may be made for the stack's own functions only.
fn mapping_condition(resource_type: &str, by_type: &ByType<'_>, subject: Subject<'_>) -> Value {
    if resource_type != "AWS::Lambda::EventSourceMapping" {
        return Value::Null;
    }
    let functions = names_of("AWS::Lambda::Function", by_type, subject);
    if functions.is_empty() {
        return Value::Null;
    }
    let arn = |name: &String| subject.place.arn("lambda:${Region}:${Account}:function:${Name}", name);
    json!({"ArnLike": {"lambda:FunctionArn": functions.iter().map(arn).collect::<Vec<_>>()}})
}

/// With a boundary a role can be made and its permissions changed only under that boundary, and the
/// boundary cannot be taken away.
/// Source: IAM user guide, "Permissions boundaries for IAM entities".
fn bounded(statements: Vec<Statement>, subject: Subject<'_>) -> Vec<Statement> {
    const UNDER: [&str; 6] = [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    ];
    let Some(boundary) = subject.permissions_boundary else { return statements };
    let mut done = Vec::new();
    for mut statement in statements {
        let under: BTreeSet<String> =
            statement.actions.extract_if(.., |action| UNDER.contains(&action.as_str())).collect();
        if !under.is_empty() {
            done.push(Statement {
                sid: format!("{}UnderBoundary", statement.sid),
                actions: under,
                resources: statement.resources.clone(),
                condition: json!({"StringEquals": {"iam:PermissionsBoundary": boundary}}),
                everywhere_because: None,
            });
        }
        if !statement.actions.is_empty() {
            done.push(statement);
        }
    }
    done
}

fn unbounded(by_type: &ByType<'_>, subject: Subject<'_>) -> BTreeSet<String> {
    if subject.permissions_boundary.is_none() {
        return BTreeSet::new();
    }
    let roles = by_type.get("AWS::IAM::Role").into_iter().flatten();
    let without = roles.filter(|(_, properties)| !properties.contains_key("PermissionsBoundary"));
    without.map(|(logical_id, _)| (*logical_id).to_owned()).collect()
}

fn untagged(by_type: &ByType<'_>, subject: Subject<'_>) -> BTreeSet<String> {
    let keys = by_type.get("AWS::KMS::Key").into_iter().flatten();
    let is_tagged = |properties: &Map<String, Value>| {
        let mut tags = properties.get("Tags").and_then(Value::as_array).into_iter().flatten();
        tags.any(|tag| {
            let names = |value: &Value| patterns(value, subject.stack, subject.place);
            tag.get("Key").and_then(Value::as_str) == Some(STACK_TAG)
                && tag.get("Value").is_some_and(|value| names(value).iter().all(|it| it == subject.stack))
        })
    };
    let without = keys.filter(|(_, properties)| !is_tagged(properties));
    without.map(|(logical_id, _)| (*logical_id).to_owned()).collect()
}

/// Lambda reads a function's package with the permissions of who creates it.
fn artifacts(by_type: &ByType<'_>, subject: Subject<'_>) -> Option<Statement> {
    by_type.contains_key("AWS::Lambda::Function").then(|| Statement {
        sid: "Packages".to_owned(),
        actions: ["s3:GetObject".to_owned(), "s3:GetObjectVersion".to_owned()].into(),
        resources: [subject.place.arn(ARTIFACT_OBJECTS, "")].into(),
        condition: Value::Null,
        everywhere_because: None,
    })
}

/// The artifact bucket's objects, as [`ObjectStore::artifact_bucket`](crate::port::ObjectStore::artifact_bucket)
/// names the bucket.
pub(crate) const ARTIFACT_OBJECTS: &str = "s3:::pipectl-artifacts-${Account}-${Region}/*";

/// The stack's roles, each to the services that its trust policy names.
fn pass_role(by_type: &ByType<'_>, subject: Subject<'_>) -> Option<Statement> {
    let roles = by_type.get("AWS::IAM::Role")?;
    let services: BTreeSet<&str> = roles.iter().flat_map(|(_, properties)| trusted(properties)).collect();
    let names = names_of("AWS::IAM::Role", by_type, subject);
    let arn = |name: &String| subject.place.arn("iam::${Account}:role/${Name}", name);
    (!services.is_empty()).then(|| Statement {
        sid: "PassRoles".to_owned(),
        actions: ["iam:PassRole".to_owned()].into(),
        resources: names.iter().map(arn).collect(),
        condition: json!({"StringEquals": {"iam:PassedToService": services}}),
        everywhere_because: None,
    })
}

fn trusted(role: &Map<String, Value>) -> Vec<&str> {
    let statements = role.get("AssumeRolePolicyDocument").and_then(|document| document.get("Statement"));
    let statements = many(statements);
    let services = statements.into_iter().filter_map(|statement| statement.get("Principal")?.get("Service"));
    services.flat_map(|service| many(Some(service))).filter_map(Value::as_str).collect()
}

/// Returns the items of a list; a single value counts as a list of one.
pub(crate) fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// CloudFormation resolves `{{resolve:...}}` with the permissions of its role.
/// Source: CloudFormation user guide, "Get values stored in other services".
fn secrets(subject: Subject<'_>) -> Vec<Statement> {
    let mut secrets = BTreeSet::new();
    let mut parameters = BTreeSet::new();
    for (service, name) in references(subject.template) {
        match service {
            "secretsmanager" if name.starts_with("arn:") => secrets.insert(name.to_owned()),
            // A secret's ARN ends with six random characters.
            "secretsmanager" => {
                let pattern = "secretsmanager:${Region}:${Account}:secret:${Name}-??????";
                secrets.insert(subject.place.arn(pattern, name))
            }
            _ => {
                let pattern = "ssm:${Region}:${Account}:parameter/${Name}";
                parameters.insert(subject.place.arn(pattern, name.trim_start_matches('/')))
            }
        };
    }
    let statement = |sid: &str, action: &str, resources: BTreeSet<String>| Statement {
        sid: sid.to_owned(),
        actions: [action.to_owned()].into(),
        resources,
        condition: Value::Null,
        everywhere_because: None,
    };
    let mut statements = Vec::new();
    if !secrets.is_empty() {
        statements.push(statement("Secrets", "secretsmanager:GetSecretValue", secrets));
    }
    if !parameters.is_empty() {
        statements.push(statement("Parameters", "ssm:GetParameters", parameters));
    }
    statements
}

/// Returns service and name of every dynamic reference.
fn references(value: &Value) -> Vec<(&str, &str)> {
    match value {
        Value::String(text) => text.split("{{resolve:").skip(1).filter_map(reference).collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(object) => object.values().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn reference(text: &str) -> Option<(&str, &str)> {
    let (inside, _) = text.split_once("}}")?;
    let (service, rest) = inside.split_once(':')?;
    // A name has no colon, an ARN has six.
    let name = if rest.starts_with("arn:") {
        let end = rest.match_indices(':').nth(6).map_or(rest.len(), |(at, _)| at);
        &rest[..end]
    } else {
        rest.split(':').next()?
    };
    Some((service, name))
}
