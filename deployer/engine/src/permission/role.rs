//! The two roles, ready to be made.

use serde_json::{Value, json};

use crate::permission::document::{Statement, document, in_template};
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

/// Both roles of a stack, and what could not be derived.
#[derive(Debug, Clone, PartialEq)]
pub struct Roles {
    /// The role that CloudFormation takes on to work on the stack's resources.
    pub execution: Role,
    /// The role of whoever runs pipectl.
    pub deployer: Role,
    /// What could not be derived.
    pub derived: Execution,
}

/// Derives both roles. Without `jobs` everybody may take on the deployer's role whom the account's own
/// policies let.
#[must_use]
pub fn roles(subject: Subject<'_>, jobs: &[Job]) -> Roles {
    let (execution_name, deployer_name) = (name(subject.stack, "execution"), name(subject.stack, "deployer"));
    let derived = execution::policy(subject);
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
        derived,
    }
}

fn name(stack: &str, purpose: &str) -> String {
    let stack: String = stack.chars().take(NAME_LIMIT - 1 - purpose.len()).collect();
    format!("{stack}-{purpose}")
}

/// Writes a CloudFormation template with both roles; derive them for [`Place::of_template`].
#[must_use]
pub fn template(stack: &str, roles: &Roles) -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Least-privilege roles for the stack {stack}: CloudFormation's and the deployer's."),
        "Resources": {
            "ExecutionRole": resource(&roles.execution),
            "DeployerRole": resource(&roles.deployer),
        },
        "Outputs": {
            "ExecutionRoleArn": {"Value": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}},
            "DeployerRoleArn": {"Value": {"Fn::GetAtt": ["DeployerRole", "Arn"]}},
        },
    })
}

fn resource(role: &Role) -> Value {
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role.name,
            "Path": PATH,
            "AssumeRolePolicyDocument": in_template(&role.trust),
            "Policies": [{"PolicyName": "least-privilege", "PolicyDocument": in_template(&role.policy())}],
        },
    })
}
