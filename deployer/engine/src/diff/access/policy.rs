//! The statements of all policies in a template, one principal, action and resource at a time.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::{Atom, Permit};
use crate::diff::shown::shown;
use crate::diff::template::type_of;

/// Policies of resources: the type, the property that holds the document, and whether `Resource: *`, or
/// none, means the resource itself.
const RESOURCE_POLICIES: [(&str, &str, bool); 12] = [
    ("AWS::ApiGateway::RestApi", "/Policy", false),
    ("AWS::DynamoDB::Table", "/ResourcePolicy/PolicyDocument", false),
    ("AWS::ECR::Repository", "/RepositoryPolicyText", true),
    ("AWS::KMS::Key", "/KeyPolicy", true),
    ("AWS::Logs::ResourcePolicy", "/PolicyDocument", false),
    ("AWS::S3::AccessPoint", "/Policy", false),
    ("AWS::S3::BucketPolicy", "/PolicyDocument", false),
    ("AWS::SecretsManager::ResourcePolicy", "/ResourcePolicy", true),
    ("AWS::SNS::TopicInlinePolicy", "/PolicyDocument", false),
    ("AWS::SNS::TopicPolicy", "/PolicyDocument", false),
    ("AWS::SQS::QueueInlinePolicy", "/PolicyDocument", false),
    ("AWS::SQS::QueuePolicy", "/PolicyDocument", false),
];

/// Lists all statements of a template whose parameters are put in.
pub(super) fn atoms(template: &Value) -> BTreeSet<Atom> {
    let nothing = Map::new();
    let resources = template.get("Resources").and_then(Value::as_object).unwrap_or(&nothing);
    let reading = Reading { resources };
    resources.iter().flat_map(|(id, resource)| reading.of_resource(id, resource)).collect()
}

struct Reading<'a> {
    resources: &'a Map<String, Value>,
}

impl Reading<'_> {
    fn of_resource(&self, id: &str, resource: &Value) -> Vec<Atom> {
        let Some(properties) = resource.get("Properties") else { return Vec::new() };
        let kind = type_of(resource);
        match kind {
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
        let function = text("FunctionName");
        let resource = match inner(&function) {
            Some(id) if self.is_a(id, "AWS::Lambda::Function") => format!("${{{id}.Arn}}"),
            _ => function,
        };
        let keys = [
            ("SourceArn", "ArnLike aws:SourceArn"),
            ("SourceAccount", "StringEquals aws:SourceAccount"),
            ("PrincipalOrgID", "StringEquals aws:PrincipalOrgID"),
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

fn named(permit: Permit, holder: &str, action: &str, policy: &Value) -> Atom {
    Atom {
        permit,
        principal: Pattern::Is(holder.to_owned()),
        action: Pattern::Is(action.to_owned()),
        resource: Pattern::Is(shown(policy)),
        conditions: BTreeSet::new(),
    }
}

fn reference(id: &str) -> String {
    format!("${{{id}}}")
}

fn inner(text: &str) -> Option<&str> {
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

fn many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (items, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    items.iter().chain(one)
}
