//! The two roles and their boundary, ready to be made.

use serde_json::{Map, Value, json};

use crate::permission::boundary::{Boundary, boundary};
use crate::permission::document::{INLINE_LIMIT, MANAGED_LIMIT, Statement, document, in_template, parts};
use crate::permission::execution::{Execution, Subject};
use crate::permission::place::Place;
use crate::permission::trust::Job;
use crate::permission::{deployer, execution, trust};

/// Path of the roles. With it no pattern on the names of a stack's own roles can mean them, whatever
/// the stack is called: otherwise CloudFormation could widen the role that it works with.
pub const PATH: &str = "/pipectl/";

/// Characters of a role's name.
/// Source: IAM user guide, "IAM and AWS STS quotas".
const NAME_LIMIT: usize = 64;

/// A role with its policies.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Name, up to 64 characters; the path is [`PATH`].
    pub name: String,
    /// Trust policy.
    pub trust: Value,
    /// What the role may do.
    pub statements: Vec<Statement>,
}

impl Role {
    /// Returns the permissions policy.
    #[must_use]
    pub fn policy(&self) -> Value {
        document(&self.statements)
    }

    fn arn(name: &str, place: &Place) -> String {
        place.arn("iam::${Account}:role/pipectl/${Name}", name)
    }
}

/// The permissions boundary of a stack's roles.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundaryPolicy {
    /// Name of the managed policy; the path is [`PATH`].
    pub name: String,
    /// What it allows.
    pub boundary: Boundary,
}

impl BoundaryPolicy {
    /// Returns the policy.
    #[must_use]
    pub fn policy(&self) -> Value {
        document(&self.boundary.statements)
    }
}

/// Both roles of a stack, and what could not be derived.
#[derive(Debug, Clone, PartialEq)]
pub struct Roles {
    /// The role that CloudFormation takes on to work on the stack's resources.
    pub execution: Role,
    /// The role of whoever runs pipectl.
    pub deployer: Role,
    /// The boundary under which the stack's roles are made; `None` where an existing policy is theirs.
    pub boundary: Option<BoundaryPolicy>,
    /// What could not be derived.
    pub derived: Execution,
}

/// Returns the ARN of the boundary that [`roles`] derives for a stack.
#[must_use]
pub fn boundary_arn(stack: &str, place: &Place) -> String {
    place.arn("iam::${Account}:policy/pipectl/${Name}", &name(stack, "boundary"))
}

/// Returns the ARN of the boundary that belongs to an execution role of [`roles`], by the role's ARN; `None` for
/// a role of another origin.
#[must_use]
pub fn boundary_of(execution_role: &str) -> Option<String> {
    let (account, name) = execution_role.split_once(":role/pipectl/")?;
    let stack = name.strip_suffix("-execution")?;
    Some(format!("{account}:policy/pipectl/{stack}-boundary"))
}

/// Derives both roles, and the boundary of the stack's own roles unless the subject names one. Without `jobs` everybody may take on the deployer's role whom the account's own
/// policies let.
#[must_use]
pub fn roles(subject: Subject<'_>, jobs: &[Job]) -> Roles {
    let (execution_name, deployer_name) = (name(subject.stack, "execution"), name(subject.stack, "deployer"));
    let own = boundary_arn(subject.stack, subject.place);
    let derived = execution::policy(Subject {
        permissions_boundary: subject.permissions_boundary.or(Some(&own)),
        ..subject
    });
    let boundary = subject
        .permissions_boundary
        .is_none()
        .then(|| BoundaryPolicy { name: name(subject.stack, "boundary"), boundary: boundary(subject) });
    let [execution_arn, deployer_arn] =
        [&execution_name, &deployer_name].map(|name| Role::arn(name, subject.place));
    Roles {
        execution: Role {
            name: execution_name,
            trust: trust::of_execution(subject.stack, subject.place),
            statements: derived.statements.clone(),
        },
        deployer: Role {
            name: deployer_name,
            trust: trust::of_deployer(jobs, subject.place),
            statements: deployer::policy(subject, Some(&execution_arn), &deployer_arn),
        },
        boundary,
        derived,
    }
}

/// The ends are of one length, so that [`boundary_of`] holds for shortened names as well.
fn name(stack: &str, purpose: &str) -> String {
    let stack: String = stack.chars().take(NAME_LIMIT - "-execution".len()).collect();
    format!("{stack}-{purpose}")
}

/// Writes a CloudFormation template with both roles; derive them for [`Place::of_template`].
#[must_use]
pub fn template(stack: &str, roles: &Roles) -> Value {
    let mut resources = Map::new();
    for (logical_id, role) in [("ExecutionRole", &roles.execution), ("DeployerRole", &roles.deployer)] {
        let mut properties = json!({
            "RoleName": role.name,
            "Path": PATH,
            "AssumeRolePolicyDocument": in_template(&role.trust),
        });
        if role.policy().to_string().len() <= INLINE_LIMIT {
            let document = in_template(&role.policy());
            properties["Policies"] = json!([{"PolicyName": "least-privilege", "PolicyDocument": document}]);
        } else {
            let mut arns = Vec::new();
            for (index, statements) in parts(&role.statements, MANAGED_LIMIT).iter().enumerate() {
                let (id, name) = (format!("{logical_id}Policy{index}"), format!("{}-{index}", role.name));
                let description = format!("Part of what the role {} may do.", role.name);
                resources.insert(id.clone(), managed_policy(&name, &description, statements));
                arns.push(json!({"Ref": id}));
            }
            properties["ManagedPolicyArns"] = arns.into();
        }
        resources.insert(logical_id.to_owned(), json!({"Type": "AWS::IAM::Role", "Properties": properties}));
    }
    if let Some(BoundaryPolicy { name, boundary }) = &roles.boundary {
        let description = format!("The most that a role of the stack {stack} may do.");
        resources.insert("Boundary".to_owned(), managed_policy(name, &description, &boundary.statements));
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Least-privilege roles for the stack {stack}: CloudFormation's and the deployer's."),
        "Resources": resources,
        "Outputs": {
            "ExecutionRoleArn": {"Value": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}},
            "DeployerRoleArn": {"Value": {"Fn::GetAtt": ["DeployerRole", "Arn"]}},
        },
    })
}

fn managed_policy(name: &str, description: &str, statements: &[Statement]) -> Value {
    json!({
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": name,
            "Path": PATH,
            "Description": description,
            "PolicyDocument": in_template(&document(statements)),
        },
    })
}
