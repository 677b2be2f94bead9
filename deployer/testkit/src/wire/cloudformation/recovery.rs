//! Deletion, and the ways out of a failed operation.

use super::request::{deployment, required};
use crate::refusal::Refusal;
use crate::stacks::Deletion;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::xml::Xml;

pub(super) fn delete(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let order = Deletion {
        token: form.owned("ClientRequestToken"),
        retain: form.list("RetainResources"),
        is_forced: form.get("DeletionMode") == Some("FORCE_DELETE_STACK"),
        deployment: deployment(form),
    };
    front.stacks().delete(required(form, "StackName")?, &order)
}

pub(super) fn roll_back(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let (name, mut stacks) = (required(form, "StackName")?, front.stacks());
    let retain_except_on_create = form.flag("RetainExceptOnCreate").unwrap_or(false);
    stacks.roll_back(name, retain_except_on_create, form.get("ClientRequestToken"))?;
    let stack = stacks.find(name)?;
    xml.text("StackId", &stack.id).some("OperationId", stack.operations.last().map(|it| &it.id));
    Ok(())
}

pub(super) fn continue_rollback(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let skipped = form.list("ResourcesToSkip");
    let is_forced = form.flag("ForceRollback").unwrap_or(false);
    let token = form.get("ClientRequestToken");
    front.stacks().continue_rollback(required(form, "StackName")?, &skipped, is_forced, token)
}

pub(super) fn cancel_update(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    front.stacks().cancel_update(required(form, "StackName")?)
}
