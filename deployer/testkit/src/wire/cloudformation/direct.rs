//! CreateStack and UpdateStack: a change without a change set to look at.

use super::request::{order, required};
use crate::refusal::Refusal;
use crate::stacks::{Execution, Kind};
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::xml::Xml;

pub(super) fn create(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    deploy(form, front, xml, Kind::Create)
}

pub(super) fn update(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    deploy(form, front, xml, Kind::Update)
}

fn deploy(form: &Form, front: &Front, xml: &mut Xml, kind: Kind) -> Result<(), Refusal> {
    let order = order(form, front, "", kind)?;
    let execution = Execution {
        token: order.token.clone(),
        disable_rollback: form.flag("DisableRollback"),
        retain_except_on_create: form.flag("RetainExceptOnCreate").unwrap_or(false),
    };
    let mut stacks = front.stacks();
    stacks.deploy(&order, &execution)?;
    if let Some(is_protected) = form.flag("EnableTerminationProtection") {
        stacks.protect(&order.stack, is_protected)?;
    }
    let stack = stacks.find(required(form, "StackName")?)?;
    xml.text("StackId", &stack.id).some("OperationId", stack.operations.last().map(|it| &it.id));
    Ok(())
}
