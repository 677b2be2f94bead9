//! `AWS::IAM::*`: policy documents, roles, role policies.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::resource::{
    Property, Resource, ResourceType, Tag, UpdateBehavior::NoInterruption, UpdateBehavior::Replacement,
};
use crate::unit::{Seconds, ranged};
use crate::value::Value;

pub(crate) const TYPES: &[ResourceType] =
    &[ResourceType::of::<ManagedPolicy>(), ResourceType::of::<Role>(), ResourceType::of::<RolePolicy>()];

/// The version of the policy language that every new document names.
pub const POLICY_VERSION: &str = "2012-10-17";

/// A policy document: statements, of which an explicit `Deny` beats any `Allow`.
///
/// Source: IAM JSON policy elements reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    /// Always [`POLICY_VERSION`]; older versions lack policy variables.
    pub version: &'static str,
    /// The statements; their order does not matter to IAM.
    pub statement: Vec<Statement>,
}

impl PolicyDocument {
    /// A document of the current version.
    #[must_use]
    pub fn new(statement: Vec<Statement>) -> Self {
        Self { version: POLICY_VERSION, statement }
    }
}

/// Whether a statement grants or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Effect {
    /// Grants the actions.
    Allow,
    /// Forbids the actions, whatever else grants them.
    Deny,
}

/// Who a statement of a resource policy or trust policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// An AWS service, as `lambda.amazonaws.com`.
    Service(String),
    /// An account, role or user by ARN or account number.
    Aws(Value<String>),
    /// Everyone, signed in or not: `*`.
    Everyone,
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = match self {
            Self::Everyone => return serializer.serialize_str("*"),
            _ => serializer.serialize_map(Some(1))?,
        };
        match self {
            Self::Service(service) => map.serialize_entry("Service", service)?,
            Self::Aws(principal) => map.serialize_entry("AWS", principal)?,
            Self::Everyone => {}
        }
        map.end()
    }
}

/// Values by condition key, by operator: `{"StringEquals": {"aws:SourceAccount": ...}}`.
pub type Conditions = BTreeMap<String, BTreeMap<String, Value<String>>>;

/// One statement of a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Name inside the document: ASCII letters and digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Grants or forbids.
    pub effect: Effect,
    /// Who; for resource and trust policies only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// Actions, as `sqs:SendMessage`.
    pub action: Vec<String>,
    /// ARNs the actions apply to; absent in trust policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<Value<String>>,
    /// Holds only under these conditions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: Conditions,
}

impl Statement {
    /// Grants `actions` on `resources`.
    #[must_use]
    pub fn allow(actions: &[&str], resources: Vec<Value<String>>) -> Self {
        Self::new(Effect::Allow, actions, resources)
    }

    /// Forbids `actions` on `resources`.
    #[must_use]
    pub fn deny(actions: &[&str], resources: Vec<Value<String>>) -> Self {
        Self::new(Effect::Deny, actions, resources)
    }

    fn new(effect: Effect, actions: &[&str], resource: Vec<Value<String>>) -> Self {
        let action = actions.iter().map(|&action| action.to_owned()).collect();
        Self { sid: None, effect, principal: None, action, resource, condition: Conditions::new() }
    }

    /// Names the statement.
    #[must_use]
    pub fn named(mut self, sid: &str) -> Self {
        self.sid = Some(sid.to_owned());
        self
    }

    /// Says who it is about.
    #[must_use]
    pub fn to(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Adds a condition: all of a statement's conditions must hold.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, value: impl Into<Value<String>>) -> Self {
        self.condition.entry(operator.to_owned()).or_default().insert(key.to_owned(), value.into());
        self
    }
}

ranged!(
    /// How long credentials of an assumed role last.
    ///
    /// Source: AWS::IAM::Role, MaxSessionDuration.
    MaxSessionDuration(Seconds, "MaxSessionDuration", 3_600..=43_200)
);

/// A policy that lives and dies with its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// Name, unique on the role: `1..=128` of letters, digits and `+=,.@_-`.
    pub policy_name: Value<String>,
    /// What it grants; all inline policies of a role hold 10,240 characters together, spaces not counted.
    pub policy_document: PolicyDocument,
}

/// An identity that AWS services and people take on.
///
/// `Ref` gives its name. Source: AWS::IAM::Role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// Who may take the role on (trust policy).
    ///
    /// Shape: a policy document of at most 2,048 characters. Update: no interruption.
    /// Source: AWS::IAM::Role, AssumeRolePolicyDocument.
    pub assume_role_policy_document: PolicyDocument,
    /// What the role is for.
    ///
    /// Shape: at most 1,000 characters. Update: no interruption.
    /// Source: AWS::IAM::Role, Description.
    pub description: Option<Value<String>>,
    /// Managed policies to attach.
    ///
    /// Shape: ARNs, 10 by default quota. Update: no interruption.
    /// Source: AWS::IAM::Role, ManagedPolicyArns.
    pub managed_policy_arns: Option<Vec<Value<String>>>,
    /// How long a session lasts.
    ///
    /// Shape: seconds, `3_600..=43_200`. AWS default when absent: 3,600. Update: no interruption.
    /// Source: AWS::IAM::Role, MaxSessionDuration.
    pub max_session_duration: Option<Value<MaxSessionDuration>>,
    /// Path in the account's name space.
    ///
    /// Shape: `/`, or text that starts and ends with `/`, at most 512 characters. AWS default when absent: `/`.
    /// Update: replacement. Source: AWS::IAM::Role, Path.
    pub path: Option<Value<String>>,
    /// Upper bound on what the role may do.
    ///
    /// Shape: ARN of a managed policy. Update: no interruption.
    /// Source: AWS::IAM::Role, PermissionsBoundary.
    pub permissions_boundary: Option<Value<String>>,
    /// Inline policies; external changes to them are not seen as drift when [`RolePolicy`] is used beside.
    ///
    /// Update: no interruption. Source: AWS::IAM::Role, Policies.
    pub policies: Option<Vec<Policy>>,
    /// Physical name; needs `CAPABILITY_NAMED_IAM`.
    ///
    /// Shape: `1..=64` of letters, digits and `+=,.@_-`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::IAM::Role, RoleName.
    pub role_name: Option<Value<String>>,
    /// Tags of the role, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::IAM::Role, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl Role {
    /// A role that an AWS service takes on, as `lambda.amazonaws.com`, with nothing granted.
    #[must_use]
    pub fn assumed_by_service(service: &str) -> Self {
        let trust =
            Statement::allow(&["sts:AssumeRole"], Vec::new()).to(Principal::Service(service.to_owned()));
        Self {
            assume_role_policy_document: PolicyDocument::new(vec![trust]),
            description: None,
            managed_policy_arns: None,
            max_session_duration: None,
            path: None,
            permissions_boundary: None,
            policies: None,
            role_name: None,
            tags: None,
        }
    }
}

impl Resource for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "RoleId"];
    const PROPERTIES: &'static [Property] = &[
        Property::required("AssumeRolePolicyDocument", NoInterruption),
        Property::optional("Description", NoInterruption),
        Property::optional("ManagedPolicyArns", NoInterruption),
        Property::optional("MaxSessionDuration", NoInterruption),
        Property::optional("Path", Replacement),
        Property::optional("PermissionsBoundary", NoInterruption),
        Property::optional("Policies", NoInterruption),
        Property::optional("RoleName", Replacement),
        Property::optional("Tags", NoInterruption),
    ];
}

/// An inline policy of a role as a resource of its own, so that others can depend on it.
///
/// Source: AWS::IAM::RolePolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RolePolicy {
    /// What it grants. Required by the model, though AWS takes a policy without it.
    ///
    /// Update: no interruption. Source: AWS::IAM::RolePolicy, PolicyDocument.
    pub policy_document: PolicyDocument,
    /// Name, unique on the role: `1..=128` of letters, digits and `+=,.@_-`.
    ///
    /// Update: replacement. Source: AWS::IAM::RolePolicy, PolicyName.
    pub policy_name: Value<String>,
    /// The role, by name (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::IAM::RolePolicy, RoleName.
    pub role_name: Value<String>,
}

impl Resource for RolePolicy {
    const TYPE: &'static str = "AWS::IAM::RolePolicy";
    const ATTRIBUTES: &'static [&'static str] = &[];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("PolicyDocument", NoInterruption),
        Property::required("PolicyName", Replacement),
        Property::required("RoleName", Replacement),
    ];
}

/// A policy with an ARN, attachable to several roles.
///
/// `Ref` gives its ARN. Source: AWS::IAM::ManagedPolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedPolicy {
    /// What the policy is for; at most 1,000 characters.
    ///
    /// Update: replacement. Source: AWS::IAM::ManagedPolicy, Description.
    pub description: Option<Value<String>>,
    /// Physical name; needs `CAPABILITY_NAMED_IAM`. Made by CloudFormation when absent.
    ///
    /// Update: replacement. Source: AWS::IAM::ManagedPolicy, ManagedPolicyName.
    pub managed_policy_name: Option<Value<String>>,
    /// Path in the account's name space. AWS default when absent: `/`.
    ///
    /// Update: replacement. Source: AWS::IAM::ManagedPolicy, Path.
    pub path: Option<Value<String>>,
    /// What it grants; at most 6,144 characters, spaces not counted.
    ///
    /// Update: no interruption. Source: AWS::IAM::ManagedPolicy, PolicyDocument.
    pub policy_document: PolicyDocument,
    /// Names of the roles to attach it to.
    ///
    /// Update: no interruption. Source: AWS::IAM::ManagedPolicy, Roles.
    pub roles: Option<Vec<Value<String>>>,
}

impl Resource for ManagedPolicy {
    const TYPE: &'static str = "AWS::IAM::ManagedPolicy";
    const ATTRIBUTES: &'static [&'static str] = &["PolicyArn", "PolicyId"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("Description", Replacement),
        Property::optional("ManagedPolicyName", Replacement),
        Property::optional("Path", Replacement),
        Property::required("PolicyDocument", NoInterruption),
        Property::optional("Roles", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn document() -> PolicyDocument {
        PolicyDocument::new(vec![Statement::allow(&["sqs:SendMessage"], vec!["arn:aws:sqs:::q".into()])])
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Role::assumed_by_service("lambda.amazonaws.com"));
        assert_properties_match(&RolePolicy {
            policy_document: document(),
            policy_name: "p".into(),
            role_name: "r".into(),
        });
        assert_properties_match(&ManagedPolicy {
            description: None,
            managed_policy_name: None,
            path: None,
            policy_document: document(),
            roles: None,
        });
    }

    #[test]
    fn service_role_trusts_that_service_only() {
        let expected = json!({"AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
            }],
        }});
        assert_eq!(properties(&Role::assumed_by_service("lambda.amazonaws.com")), expected);
    }

    #[test]
    fn conditions_of_one_operator_gather() {
        let statement = Statement::deny(&["s3:*"], vec!["*".into()])
            .named("TlsOnly")
            .to(Principal::Everyone)
            .when("Bool", "aws:SecureTransport", "false")
            .when("Bool", "aws:ViaAWSService", "false");
        let expected = json!({
            "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": ["*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}},
        });
        assert_eq!(serde_json::to_value(statement).unwrap(), expected);
    }

    #[test]
    fn session_of_less_than_an_hour_is_refused() {
        assert!(MaxSessionDuration::new(Seconds(3_599)).is_err());
        assert!(MaxSessionDuration::new(Seconds(3_600)).is_ok());
        assert!(MaxSessionDuration::new(Seconds(43_201)).is_err());
    }
}
