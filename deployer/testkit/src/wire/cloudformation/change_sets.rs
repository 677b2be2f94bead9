//! Change sets.

use pipectl_engine::change_set::Replacement;
use serde_json::{Value, json};

use super::drift::plain;
use super::page::cut;
use super::request::{order, required};
use crate::refusal::Refusal;
use crate::stacks::{Action, Change, Detail, Execution, Kind, OnStackFailure, StoredChangeSet};
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;

pub(super) fn create(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let kind = match form.get("ChangeSetType") {
        Some("CREATE") => Kind::Create,
        Some("IMPORT") => Kind::Import,
        _ => Kind::Update,
    };
    let order = order(form, front, required(form, "ChangeSetName")?, kind)?;
    let mut stacks = front.stacks();
    xml.text("Id", stacks.create_change_set(&order)?).text("StackId", &stacks.find(&order.stack)?.id);
    Ok(())
}

pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let now_ms = stacks.now_ms();
    let name = required(form, "ChangeSetName")?;
    let (stack, found) = stacks.change_set(form.get("StackName").unwrap_or_default(), name)?;
    let with_values = form.flag("IncludePropertyValues").unwrap_or(false);
    let dropped = front.settings.lock().dropped_with_values.clone();
    let changes = found.shown_changes(now_ms).iter();
    let changes = changes.filter(|it| !with_values || !dropped.contains(&it.logical_id));
    let page = cut(changes.collect(), form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.text("StackName", &stack.name).text("StackId", &stack.id);
    write_head(xml, found, now_ms);
    xml.members("Changes", page.items, |xml, change| {
        xml.text("Type", "Resource").element("ResourceChange", |xml| write(xml, change, with_values));
    });
    Ok(())
}

fn write_head(xml: &mut Xml, found: &StoredChangeSet, now_ms: i64) {
    xml.text("ChangeSetName", &found.name).text("ChangeSetId", &found.id);
    xml.text("Status", found.status(now_ms).as_str()).some("StatusReason", found.status_reason(now_ms));
    xml.text("ExecutionStatus", found.execution_status(now_ms)).text("CreationTime", iso(found.asked_ms));
    xml.some("OnStackFailure", found.on_failure.map(OnStackFailure::as_str));
    xml.flag("ImportExistingResources", found.imports_existing);
    if found.reverts_drift() {
        xml.text("DeploymentMode", "REVERT_DRIFT");
    }
    xml.element("DeploymentConfig", |xml| {
        xml.text("Mode", if found.deployment.is_express { "EXPRESS" } else { "STANDARD" });
        xml.flag("DisableRollback", found.deployment.rollback_is_disabled());
    });
}

fn write(xml: &mut Xml, change: &Change, with_values: bool) {
    xml.text("Action", change.action.as_str()).text("LogicalResourceId", &change.logical_id);
    xml.some("PhysicalResourceId", change.physical_id.as_ref()).text("ResourceType", &change.resource_type);
    xml.some("PolicyAction", change.policy_action);
    if matches!(change.action, Action::Modify | Action::SyncWithActual) {
        let replacement = match change.replacement {
            Replacement::Always => "True",
            Replacement::Conditional => "Conditional",
            Replacement::Never => "False",
        };
        xml.text("Replacement", replacement).texts("Scope", ["Properties"]);
    }
    if change.has_drifted {
        xml.text("ResourceDriftStatus", "MODIFIED");
    }
    if with_values {
        let context = |value: &Value| json!({ "Properties": value }).to_string();
        xml.some("BeforeContext", change.before.as_ref().map(context));
        xml.some("AfterContext", change.after.as_ref().map(context));
    }
    xml.members("Details", &change.details, |xml, detail| write_detail(xml, detail, with_values));
}

fn write_detail(xml: &mut Xml, detail: &Detail, with_values: bool) {
    let recreation = match detail.recreation {
        Replacement::Always => "Always",
        Replacement::Conditional => "Conditionally",
        Replacement::Never => "Never",
    };
    xml.element("Target", |xml| {
        xml.text("Attribute", "Properties").text("Name", &detail.property);
        xml.text("RequiresRecreation", recreation);
        if with_values {
            xml.text("Path", format!("/Properties/{}", detail.property));
            xml.some("BeforeValue", detail.before.as_ref().map(plain));
            xml.some("AfterValue", detail.after.as_ref().map(plain));
        }
        if let Some(actual) = detail.actual.as_ref().filter(|_| with_values) {
            xml.element("Drift", |xml| {
                xml.some("PreviousValue", detail.before.as_ref().map(plain))
                    .text("ActualValue", plain(actual));
            });
        }
    });
    xml.text("Evaluation", if detail.cause.is_some() { "Dynamic" } else { "Static" });
    xml.text("ChangeSource", if detail.cause.is_some() { "ResourceReference" } else { "DirectModification" });
    xml.some("CausingEntity", detail.cause.as_ref());
}

pub(super) fn execute(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let execution = Execution {
        token: form.owned("ClientRequestToken"),
        disable_rollback: form.flag("DisableRollback"),
        retain_except_on_create: form.flag("RetainExceptOnCreate").unwrap_or(false),
    };
    let stack = form.get("StackName").unwrap_or_default();
    front.stacks().execute_change_set(stack, required(form, "ChangeSetName")?, &execution)
}

pub(super) fn delete(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let stack = form.get("StackName").unwrap_or_default();
    front.stacks().delete_change_set(stack, required(form, "ChangeSetName")?);
    Ok(())
}

pub(super) fn list(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let stack = stacks.find(required(form, "StackName")?)?;
    let change_sets = stack.change_sets.iter().collect();
    let page = cut(change_sets, form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("Summaries", page.items, |xml, found| {
        xml.text("StackName", &stack.name).text("StackId", &stack.id);
        write_head(xml, found, stacks.now_ms());
    });
    Ok(())
}
