//! The parts that several requests share.

use std::collections::BTreeMap;

use crate::refusal::Refusal;
use crate::stacks::{ChangeSetOrder, Deployment, Kind, OnStackFailure, Template, ToImport};
use crate::wire::form::Form;
use crate::wire::front::Front;

/// A field that the operation cannot do without.
pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Refusal> {
    form.get(name).ok_or_else(|| Refusal::invalid(format!("1 validation error detected: {name} is missing")))
}

/// Reads what a change set, a create or an update is asked for.
pub(super) fn order(form: &Form, front: &Front, name: &str, kind: Kind) -> Result<ChangeSetOrder, Refusal> {
    let template = template(form, front)?;
    let tags = form.has("Tags").then(|| form.map("Tags", "Key", "Value"));
    Ok(ChangeSetOrder {
        parameters: parameters(form),
        tags,
        capabilities: form.list("Capabilities").into_iter().collect(),
        on_failure: on_failure(form),
        imports_existing: form.flag("ImportExistingResources").unwrap_or(false),
        to_import: form.structures("ResourcesToImport").iter().filter_map(to_import).collect(),
        reverts_drift: form.get("DeploymentMode") == Some("REVERT_DRIFT"),
        deployment: deployment(form),
        skips_validation: form.flag("DisableValidation").unwrap_or(false),
        token: form.owned("ClientToken").or_else(|| form.owned("ClientRequestToken")),
        ..ChangeSetOrder::new(required(form, "StackName")?, name, kind, template)
    })
}

fn on_failure(form: &Form) -> Option<OnStackFailure> {
    match form.get("OnStackFailure").or_else(|| form.get("OnFailure"))? {
        "DELETE" => Some(OnStackFailure::Delete),
        "DO_NOTHING" => Some(OnStackFailure::DoNothing),
        _ => Some(OnStackFailure::Rollback),
    }
}

pub(super) fn deployment(form: &Form) -> Deployment {
    let config = form.structure("DeploymentConfig");
    Deployment {
        is_express: config.get("Mode") == Some("EXPRESS"),
        disable_rollback: config.flag("DisableRollback"),
    }
}

fn parameters(form: &Form) -> BTreeMap<String, Option<String>> {
    let given = form.structures("Parameters").into_iter();
    given
        .filter_map(|it| {
            let uses_previous = it.flag("UsePreviousValue") == Some(true);
            let value = it.get("ParameterValue").unwrap_or_default().to_owned();
            Some((it.owned("ParameterKey")?, (!uses_previous).then_some(value)))
        })
        .collect()
}

fn to_import(form: &Form) -> Option<ToImport> {
    // The SDKs write a map as `entry.N.key` and `entry.N.value`.
    let identifier = form.structure("ResourceIdentifier").structure("entry.1");
    Some(ToImport { logical_id: form.owned("LogicalResourceId")?, physical_id: identifier.owned("value")? })
}

fn template(form: &Form, front: &Front) -> Result<Template, Refusal> {
    if let Some(body) = form.get("TemplateBody") {
        return Ok(Template::Body(body.to_owned()));
    }
    if form.flag("UsePreviousTemplate") == Some(true) {
        return Ok(Template::Previous);
    }
    let missing = || Refusal::invalid("Either Template URL or Template Body must be specified.");
    let url = form.get("TemplateURL").ok_or_else(missing)?;
    let wrong = || Refusal::invalid("S3 error: Domain name specified in the URL is not a valid S3 domain");
    let (bucket, key) = place(url, &front.endpoint_url).ok_or_else(wrong)?;
    Ok(Template::Object { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// Bucket and key of an object's address: below the endpoint, or with the bucket in the host name.
fn place<'a>(url: &'a str, endpoint_url: &str) -> Option<(&'a str, &'a str)> {
    if let Some(path) = url.strip_prefix(endpoint_url) {
        return path.trim_start_matches('/').split_once('/');
    }
    let (host, key) = url.strip_prefix("https://")?.split_once('/')?;
    Some((host.split_once(".s3")?.0, key))
}
