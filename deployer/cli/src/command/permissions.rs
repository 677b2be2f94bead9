//! `pipectl permissions`: the least-privilege roles of a stack.

use pipectl_engine::permission::document::INLINE_LIMIT;
use pipectl_engine::permission::execution::Subject;
use pipectl_engine::permission::place::Place;
use pipectl_engine::permission::role::{PATH, Role, Roles, roles, template};
use pipectl_engine::permission::trust::Job;
use serde_json::json;

use crate::args::{Part, PermissionsArgs, RoleKind};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::report::console::Console;

/// Prints the template of both roles, or one document of one of them. Needs no network.
pub(crate) fn run(args: &PermissionsArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let place = match (&args.account, &args.region) {
        (Some(account), Some(region)) => Place::of(account, region),
        _ => Place::of_template(),
    };
    let subject = Subject {
        template: &project.lowered.template,
        stack: &project.stack,
        place: &place,
        permissions_boundary: args.permissions_boundary.as_deref(),
    };
    let roles = roles(subject, &jobs(args)?);
    warn(&roles, console);
    match &args.role {
        Some(kind) => one(chosen(*kind, &roles), args.part, console),
        None => both(&project.stack, &roles, console),
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

fn chosen(kind: RoleKind, roles: &Roles) -> &Role {
    match kind {
        RoleKind::Execution => &roles.execution,
        RoleKind::Deployer => &roles.deployer,
    }
}

fn one(role: &Role, part: Part, console: &Console) {
    if console.is_json() {
        console.json(&of_role(role));
        console.json(&json!({"type": "outcome", "result": "derived"}));
        return;
    }
    let document = match part {
        Part::Policy => role.policy(),
        Part::Trust => role.trust.clone(),
    };
    console.result(&format!("{document:#}"));
}

fn both(stack: &str, roles: &Roles, console: &Console) {
    if console.is_json() {
        console.json(&of_role(&roles.execution));
        console.json(&of_role(&roles.deployer));
        console.json(&json!({
            "type": "outcome", "result": "derived", "unknown_types": roles.derived.unknown_types,
        }));
        return;
    }
    console.result(&format!("{:#}", template(stack, roles)));
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

/// Says what the policy does not hold, and what AWS would not take.
fn warn(roles: &Roles, console: &Console) {
    let warn = |text: String| console.warn(&format!("{} {text}", console.style.yellow("warning:")));
    for name in &roles.derived.unknown_types {
        warn(format!("the execution role lacks what {name} needs: its handlers are not in the table"));
    }
    for role in &roles.derived.unbounded_roles {
        warn(format!("role {role} has no PermissionsBoundary: CloudFormation may not create it so"));
    }
    for role in [&roles.execution, &roles.deployer] {
        let length = role.policy().to_string().len();
        if length > INLINE_LIMIT {
            warn(format!("the policy of {} has {length} characters, of {INLINE_LIMIT} allowed", role.name));
        }
    }
}
