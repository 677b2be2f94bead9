//! The statements of all policies in a template, one principal, action and resource at a time.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::{Atom, Permit, endpoint, network};
use crate::diff::shown::shown;
use crate::diff::template::type_of;

/// Policies of resources: the type, the property that holds the document, and whether `Resource: *`, or
/// none, means the resource itself.
const RESOURCE_POLICIES: [(&str, &str, bool); 34] = [
    ("AWS::ApiGateway::RestApi", "/Policy", false),
    ("AWS::Backup::BackupVault", "/AccessPolicy", true),
    ("AWS::CodeArtifact::Domain", "/PermissionsPolicyDocument", true),
    ("AWS::CodeArtifact::Repository", "/PermissionsPolicyDocument", true),
    ("AWS::DynamoDB::Table", "/ResourcePolicy/PolicyDocument", false),
    ("AWS::DynamoDB::Table", "/StreamSpecification/ResourcePolicy/PolicyDocument", false),
    ("AWS::EC2::VPCEndpoint", "/PolicyDocument", false),
    ("AWS::ECR::PublicRepository", "/RepositoryPolicyText", true),
    ("AWS::ECR::RegistryPolicy", "/PolicyText", true),
    ("AWS::ECR::Repository", "/RepositoryPolicyText", true),
    ("AWS::EFS::FileSystem", "/FileSystemPolicy", true),
    ("AWS::Elasticsearch::Domain", "/AccessPolicies", false),
    ("AWS::EventSchemas::RegistryPolicy", "/Policy", false),
    ("AWS::Events::EventBus", "/Policy", true),
    ("AWS::KMS::Key", "/KeyPolicy", true),
    ("AWS::KMS::ReplicaKey", "/KeyPolicy", true),
    ("AWS::Kinesis::ResourcePolicy", "/ResourcePolicy", false),
    ("AWS::Logs::ResourcePolicy", "/PolicyDocument", false),
    ("AWS::OpenSearchService::Domain", "/AccessPolicies", false),
    ("AWS::S3::AccessPoint", "/Policy", false),
    ("AWS::S3::BucketPolicy", "/PolicyDocument", false),
    ("AWS::S3::MultiRegionAccessPointPolicy", "/Policy", false),
    ("AWS::S3Express::BucketPolicy", "/PolicyDocument", false),
    ("AWS::S3ObjectLambda::AccessPointPolicy", "/PolicyDocument", false),
    ("AWS::S3Outposts::AccessPoint", "/Policy", false),
    ("AWS::S3Outposts::BucketPolicy", "/PolicyDocument", false),
    ("AWS::S3Tables::TableBucketPolicy", "/ResourcePolicy", false),
    ("AWS::SecretsManager::ResourcePolicy", "/ResourcePolicy", true),
    ("AWS::SNS::TopicInlinePolicy", "/PolicyDocument", false),
    ("AWS::SNS::TopicPolicy", "/PolicyDocument", false),
    ("AWS::SQS::QueueInlinePolicy", "/PolicyDocument", false),
    ("AWS::SQS::QueuePolicy", "/PolicyDocument", false),
    ("AWS::VpcLattice::AuthPolicy", "/Policy", false),
    ("AWS::VpcLattice::ResourcePolicy", "/Policy", false),
];

/// Lists all statements of a template whose parameters are put in.
pub(super) fn atoms(template: &Value) -> BTreeSet<Atom> {
    let nothing = Map::new();
    let resources = template.get("Resources").and_then(Value::as_object).unwrap_or(&nothing);
    let reading = Reading { resources };
    resources.iter().flat_map(|(id, resource)| reading.of_entry(id, resource)).collect()
}

/// The logical ID of the resource that a pattern names, itself or by an attribute.
pub(super) fn resource_of(pattern: &Pattern) -> Option<&str> {
    let Pattern::Is(text) = pattern else { return None };
    let name = text.strip_prefix("${")?.split(['}', '.']).next()?;
    (!name.contains("::")).then_some(name)
}

struct Reading<'a> {
    resources: &'a Map<String, Value>,
}

impl Reading<'_> {
    /// A resource, or a loop that makes some.
    fn of_entry(&self, id: &str, entry: &Value) -> Vec<Atom> {
        match entry.as_array() {
            Some(parts) => {
                let members = parts.get(2).and_then(Value::as_object).into_iter().flatten();
                members.flat_map(|(id, member)| self.of_entry(id, member)).collect()
            }
            None => self.of_resource(id, entry),
        }
    }

    fn of_resource(&self, id: &str, resource: &Value) -> Vec<Atom> {
        let nothing = Value::Null;
        let properties = resource.get("Properties").unwrap_or(&nothing);
        let kind = type_of(resource);
        let mut found = self.of_policies(id, kind, properties);
        found.extend(network::atoms(id, kind, properties));
        found.extend(endpoint::atoms(id, kind, properties, self.resources));
        found
    }

    fn of_policies(&self, id: &str, kind: &str, properties: &Value) -> Vec<Atom> {
        match kind {
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => {
                self.of_serverless(id, properties)
            }
            "AWS::Serverless::Connector" => of_connector(properties),
            "AWS::IoT::Policy" => {
                self.of_document(properties.get("PolicyDocument"), Some(&reference(id)), "*")
            }
            "AWS::SSO::PermissionSet" => {
                let holder = reference(id);
                let mut found = self.of_document(properties.get("InlinePolicy"), Some(&holder), "*");
                for attached in many(properties.get("ManagedPolicies")) {
                    found.push(named(Permit::Allow, &holder, "all of the managed policy", attached));
                }
                found
            }
            "AWS::Lambda::LayerVersionPermission" => vec![self.of_permission(properties)],
            "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => self.of_identity(id, properties),
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
                let holders = ["Roles", "Users", "Groups"].iter().flat_map(|key| many(properties.get(*key)));
                let holders: Vec<String> = holders.map(|holder| self.principal(holder)).collect();
                // A managed policy gives to whoever it is attached to, also outside this template.
                let unattached = holders.is_empty() && kind == "AWS::IAM::ManagedPolicy";
                let holders = if unattached { vec![reference(id)] } else { holders };
                let document = properties.get("PolicyDocument");
                holders.iter().flat_map(|holder| self.of_document(document, Some(holder), "*")).collect()
            }
            "AWS::IAM::RolePolicy" | "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy" => {
                let holder =
                    ["RoleName", "UserName", "GroupName"].iter().find_map(|key| properties.get(*key));
                let holder = holder.map(|holder| self.principal(holder)).unwrap_or_default();
                self.of_document(properties.get("PolicyDocument"), Some(&holder), "*")
            }
            "AWS::Lambda::Permission" => vec![self.of_permission(properties)],
            "AWS::Events::EventBusPolicy" => self.of_statement(properties.get("Statement"), None, "*"),
            _ => {
                let known = RESOURCE_POLICIES.iter().filter(|(name, ..)| *name == kind);
                known
                    .flat_map(|(_, path, own)| {
                        let itself = if *own { reference(id) } else { "*".to_owned() };
                        self.of_document(properties.pointer(path), None, &itself)
                    })
                    .collect()
            }
        }
    }

    fn of_identity(&self, id: &str, properties: &Value) -> Vec<Atom> {
        let holder = reference(id);
        let mut found = self.of_document(properties.get("AssumeRolePolicyDocument"), None, &holder);
        for policy in many(properties.get("Policies")) {
            found.extend(self.of_document(policy.get("PolicyDocument"), Some(&holder), "*"));
        }
        for attached in many(properties.get("ManagedPolicyArns")) {
            match attached.get("Ref").and_then(Value::as_str).and_then(|id| self.resources.get(id)) {
                Some(policy) => {
                    let document = policy.pointer("/Properties/PolicyDocument");
                    found.extend(self.of_document(document, Some(&holder), "*"));
                }
                None => found.push(named(Permit::Allow, &holder, "all of the managed policy", attached)),
            }
        }
        if let Some(boundary) = properties.get("PermissionsBoundary") {
            found.push(named(Permit::Deny, &holder, "all outside the permissions boundary", boundary));
        }
        found
    }

    /// The role that the Serverless Application Model makes for a function.
    fn of_serverless(&self, id: &str, properties: &Value) -> Vec<Atom> {
        let holder = reference(id);
        let mut found = self.of_document(properties.get("AssumeRolePolicyDocument"), None, &holder);
        for policy in many(properties.get("Policies")) {
            let template = policy.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next());
            match template {
                _ if policy.get("Statement").is_some() => {
                    found.extend(self.of_document(Some(policy), Some(&holder), "*"));
                }
                Some((name, arguments)) if !is_intrinsic(name) => {
                    let action = format!("all of the policy template {name}");
                    found.push(named(Permit::Allow, &holder, &action, arguments));
                }
                _ => found.push(named(Permit::Allow, &holder, "all of the managed policy", policy)),
            }
        }
        if let Some(boundary) = properties.get("PermissionsBoundary") {
            found.push(named(Permit::Deny, &holder, "all outside the permissions boundary", boundary));
        }
        found
    }

    /// Reads a policy document; `holder` is who it is attached to, or `None` where statements name their
    /// principals. `itself` stands for `*` and for an absent resource.
    fn of_document(&self, document: Option<&Value>, holder: Option<&str>, itself: &str) -> Vec<Atom> {
        let parsed = document.and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
        let document: Option<&Value> = parsed.as_ref().or(document);
        let statements = many(document.and_then(|document| document.get("Statement")));
        statements.flat_map(|statement| self.of_statement(Some(statement), holder, itself)).collect()
    }

    fn of_statement(&self, statement: Option<&Value>, holder: Option<&str>, itself: &str) -> Vec<Atom> {
        let Some(statement) = statement else { return Vec::new() };
        // A condition that is not known: what either branch says may come into force.
        if let Some(branches) = statement.get("Fn::If").and_then(Value::as_array) {
            let branches = branches.iter().skip(1);
            return branches.flat_map(|it| self.of_statement(Some(it), holder, itself)).collect();
        }
        let permit = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Permit::Allow,
            Some("Deny") => Permit::Deny,
            _ => return Vec::new(),
        };
        let principals = match holder {
            Some(holder) => vec![Pattern::Is(holder.to_owned())],
            None => self.principals(statement),
        };
        let actions = patterns(statement, ("Action", "NotAction"), shown);
        let resources = self.resources(statement, itself);
        let conditions = conditions(statement.get("Condition"));
        let mut found = Vec::new();
        for principal in &principals {
            for action in &actions {
                found.extend(resources.iter().map(|resource| Atom {
                    permit,
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    conditions: conditions.clone(),
                }));
            }
        }
        found
    }

    fn principals(&self, statement: &Value) -> Vec<Pattern> {
        let names = |value: &Value| -> Vec<String> {
            match value {
                Value::Object(by_kind) if !by_kind.contains_key("Ref") => {
                    by_kind.values().flat_map(|it| many(Some(it))).map(|it| self.principal(it)).collect()
                }
                other => many(Some(other)).map(|it| self.principal(it)).collect(),
            }
        };
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(principal), _) => names(principal).into_iter().map(Pattern::Is).collect(),
            (_, Some(principal)) => vec![Pattern::Not(names(principal).into_iter().collect())],
            _ => vec![Pattern::Is("*".to_owned())],
        }
    }

    /// `${Role.Arn}` and `${Role}` are the same role.
    fn principal(&self, value: &Value) -> String {
        let text = shown(value);
        match inner(&text).and_then(|name| name.strip_suffix(".Arn")) {
            Some(id) if self.is_a(id, "AWS::IAM::") => reference(id),
            _ => text,
        }
    }

    fn resources(&self, statement: &Value, itself: &str) -> Vec<Pattern> {
        let found = patterns(statement, ("Resource", "NotResource"), |it| self.resource(it));
        let is_itself = |it: &Pattern| *it == Pattern::Is("*".to_owned());
        if found.is_empty() {
            return vec![Pattern::Is(itself.to_owned())];
        }
        let found = found.into_iter();
        found.map(|it| if is_itself(&it) { Pattern::Is(itself.to_owned()) } else { it }).collect()
    }

    /// The `Ref` of a topic is its ARN.
    fn resource(&self, value: &Value) -> String {
        let text = shown(value);
        match inner(&text).and_then(|name| name.strip_suffix(".TopicArn")) {
            Some(id) if self.is_a(id, "AWS::SNS::Topic") => reference(id),
            _ => text,
        }
    }

    fn of_permission(&self, properties: &Value) -> Atom {
        let text = |key: &str| properties.get(key).map(shown).unwrap_or_default();
        let function = if properties.get("LayerVersionArn").is_some() {
            text("LayerVersionArn")
        } else {
            text("FunctionName")
        };
        let resource = match inner(&function) {
            Some(id) if self.is_a(id, "AWS::Lambda::Function") => format!("${{{id}.Arn}}"),
            _ => function,
        };
        let keys = [
            ("SourceArn", "ArnLike aws:SourceArn"),
            ("SourceAccount", "StringEquals aws:SourceAccount"),
            ("PrincipalOrgID", "StringEquals aws:PrincipalOrgID"),
            ("OrganizationId", "StringEquals aws:PrincipalOrgID"),
            ("EventSourceToken", "StringEquals lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "StringEquals lambda:FunctionUrlAuthType"),
        ];
        let conditions = keys.iter().filter_map(|(key, condition)| {
            properties.get(*key).map(|value| format!("{condition} = {}", shown(value)))
        });
        Atom {
            permit: Permit::Allow,
            principal: Pattern::Is(text("Principal")),
            action: Pattern::Is(text("Action")),
            resource: Pattern::Is(resource),
            conditions: conditions.collect(),
        }
    }

    fn is_a(&self, id: &str, kind: &str) -> bool {
        self.resources.get(id).is_some_and(|resource| type_of(resource).starts_with(kind))
    }
}

/// A connector lets its source read or write its destinations.
fn of_connector(properties: &Value) -> Vec<Atom> {
    let end = |value: &Value| value.get("Id").or_else(|| value.get("Arn")).map(shown).unwrap_or_default();
    let named_end =
        |value: &Value| if value.get("Id").is_some() { reference(&end(value)) } else { end(value) };
    let source = properties.get("Source").map(&named_end).unwrap_or_default();
    let mut found = Vec::new();
    for destination in many(properties.get("Destination")) {
        for permission in many(properties.get("Permissions")) {
            let action = shown(permission).to_lowercase();
            let resource = Value::from(named_end(destination));
            found.push(named(Permit::Allow, &source, &action, &resource));
        }
    }
    found
}

fn is_intrinsic(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

fn named(permit: Permit, holder: &str, action: &str, policy: &Value) -> Atom {
    Atom {
        permit,
        principal: Pattern::Is(holder.to_owned()),
        action: Pattern::Is(action.to_owned()),
        resource: Pattern::Is(shown(policy)),
        conditions: BTreeSet::new(),
    }
}

pub(super) fn reference(id: &str) -> String {
    format!("${{{id}}}")
}

pub(super) fn inner(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|inner| !inner.contains('}'))
}

fn patterns(
    statement: &Value,
    (key, negated): (&str, &str),
    text: impl Fn(&Value) -> String,
) -> Vec<Pattern> {
    match statement.get(negated) {
        Some(value) => vec![Pattern::Not(many(Some(value)).map(text).collect())],
        None => many(statement.get(key)).map(|value| Pattern::Is(text(value))).collect(),
    }
}

/// Each pair of operator and key is a condition of its own; all must hold.
fn conditions(value: Option<&Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (operator, keys) in value.and_then(Value::as_object).into_iter().flatten() {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let values: BTreeSet<String> = many(Some(value)).map(shown).collect();
            let values = values.into_iter().collect::<Vec<_>>().join(" or ");
            found.insert(format!("{operator} {key} = {values}"));
        }
    }
    found
}

pub(super) fn many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (items, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    items.iter().chain(one)
}
