//! `pipectl permissions`: the least-privilege roles of a stack.

use pipectl_engine::permission::document::{MANAGED_LIMIT, document};
use pipectl_engine::permission::execution::{STACK_TAG, Subject};
use pipectl_engine::permission::place::Place;
use pipectl_engine::permission::role::{BoundaryPolicy, PATH, Role, Roles, roles, template};
use pipectl_engine::permission::trust::Job;
use serde_json::json;

use crate::args::PermissionsArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::report::console::Console;

/// Prints the template of both roles and of the boundary. Needs no network: it holds in any account and Region.
pub(crate) fn run(args: &PermissionsArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let place = Place::of_template();
    let subject = Subject {
        template: &project.lowered.template,
        stack: &project.stack,
        place: &place,
        permissions_boundary: args.permissions_boundary.as_deref(),
    };
    let roles = roles(subject, &jobs(args)?);
    warn(&roles, console);
    if console.is_json() {
        show_json(&roles, console);
    } else {
        console.result(&format!("{:#}", template(&project.stack, &roles)));
    }
    Ok(Exit::Done)
}

fn jobs(args: &PermissionsArgs) -> Result<Vec<Job>, Failure> {
    let wrong = |text: &str| {
        let what = format!("`{text}` does not name a repository");
        Failure::text(Exit::Usage, what).hint("write it as OWNER/REPOSITORY or OWNER/REPOSITORY:SUBJECT")
    };
    let github = args.github.iter().map(|text| Job::github(text).ok_or_else(|| wrong(text)));
    let gitlab = args.gitlab.iter().map(|text| Job::gitlab(text).ok_or_else(|| wrong(text)));
    github.chain(gitlab).collect()
}

fn show_json(roles: &Roles, console: &Console) {
    console.json(&of_role(&roles.execution));
    console.json(&of_role(&roles.deployer));
    if let Some(boundary) = &roles.boundary {
        let policy = boundary.policy();
        console.json(&json!({"type": "boundary", "name": boundary.name, "path": PATH, "policy": policy}));
    }
    console.json(&json!({
        "type": "outcome", "result": "derived", "unknown_types": roles.derived.unknown_types,
        "unbounded_roles": roles.derived.unbounded_roles, "untagged_keys": roles.derived.untagged_keys,
    }));
}

fn of_role(role: &Role) -> serde_json::Value {
    let because: Vec<_> = role
        .statements
        .iter()
        .filter_map(|it| Some(json!({"actions": it.actions, "reason": it.everywhere_because.as_ref()?})))
        .collect();
    json!({
        "type": "role", "name": role.name, "path": PATH, "trust": role.trust, "policy": role.policy(),
        "without_arn": because,
    })
}

/// Says what the policies do not hold, and what AWS would not take.
fn warn(roles: &Roles, console: &Console) {
    let warn = |text: String| console.warn(&format!("{} {text}", console.style.yellow("warning:")));
    for name in &roles.derived.unknown_types {
        warn(format!("the execution role lacks the permissions that {name} needs: add them by hand"));
    }
    for role in &roles.derived.unbounded_roles {
        warn(format!(
            "role {role} has no PermissionsBoundary, so the execution role may not create it: give it \
             `PermissionsBoundary: !If [HasPermissionsBoundary, !Ref PermissionsBoundary, !Ref AWS::NoValue]`"
        ));
    }
    for key in &roles.derived.untagged_keys {
        warn(format!(
            "key {key} lacks the tag `{STACK_TAG}`, so the execution role may not change it: give it \
             `Tags: [{{ Key: \"{STACK_TAG}\", Value: !Ref AWS::StackName }}]`"
        ));
    }
    let Some(BoundaryPolicy { name, boundary }) = &roles.boundary else { return };
    for role in &boundary.roles_with_managed_policies {
        warn(format!(
            "the boundary does not allow the managed policies of role {role}, whose content is not in the template: \
             name a policy that does with --permissions-boundary"
        ));
    }
    let length = document(&boundary.statements).to_string().len();
    if length > MANAGED_LIMIT {
        warn(format!(
            "the boundary {name} has {length} characters, and IAM takes {MANAGED_LIMIT}: name an existing policy \
             with --permissions-boundary"
        ));
    }
}
