//! The ways out of a failed operation.

use super::required;
use crate::refusal::Refusal;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::xml::Xml;

pub(super) fn roll_back(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let (name, mut stacks) = (required(form, "StackName")?, front.stacks());
    stacks.roll_back(name, form.get("ClientRequestToken").unwrap_or_default())?;
    xml.some("StackId", stacks.describe(name).map(|stack| stack.id));
    Ok(())
}

pub(super) fn continue_rollback(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let skipped = form.list("ResourcesToSkip");
    let token = form.get("ClientRequestToken").unwrap_or_default();
    front.stacks().continue_rollback(required(form, "StackName")?, &skipped, token)
}

pub(super) fn cancel_update(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    front.stacks().cancel_update(required(form, "StackName")?)
}
