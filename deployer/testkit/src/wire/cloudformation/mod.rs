//! CloudFormation in the Query protocol: each operation reads its form and writes its result.

mod change_sets;
mod events;
mod page;
mod recovery;
mod stacks;

use super::form::Form;
use super::front::Front;
use super::xml::Xml;
use crate::refusal::Refusal;

type Operation = fn(&Form, &Front, &mut Xml) -> Result<(), Refusal>;

const TABLE: &[(&str, Operation)] = &[
    ("CancelUpdateStack", recovery::cancel_update),
    ("ContinueUpdateRollback", recovery::continue_rollback),
    ("CreateChangeSet", change_sets::create),
    ("DeleteChangeSet", change_sets::delete),
    ("DeleteStack", stacks::delete),
    ("DescribeChangeSet", change_sets::describe),
    ("DescribeEvents", events::describe),
    ("DescribeStackEvents", events::of_stack),
    ("DescribeStacks", stacks::describe),
    ("ExecuteChangeSet", change_sets::execute),
    ("GetTemplate", stacks::template),
    ("ListChangeSets", change_sets::list),
    ("ListStackResources", stacks::resources),
    ("RollbackStack", recovery::roll_back),
    ("UpdateTerminationProtection", stacks::protect),
];

/// The operation's name as the table has it, for an operation that is served.
pub(super) fn known(action: &str) -> Option<&'static str> {
    TABLE.iter().map(|(name, _)| *name).find(|name| *name == action)
}

/// Answers a call with the body of its response.
pub(super) fn answer(operation: &str, form: &Form, front: &Front) -> Result<String, Refusal> {
    let found = TABLE.iter().find(|(name, _)| *name == operation);
    let Some((_, work)) = found else {
        return Err(Refusal::invalid("this double does not serve the operation").written_as("InvalidAction"));
    };
    let mut result = Xml::new();
    work(form, front, &mut result)?;
    let mut xml = Xml::new();
    xml.element(&format!("{operation}Response"), |xml| {
        xml.element(&format!("{operation}Result"), |xml| xml.raw(&result.into_string()));
    });
    Ok(xml.into_string())
}

/// A field that the operation cannot do without.
fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Refusal> {
    form.get(name).ok_or_else(|| Refusal::invalid(format!("1 validation error detected: {name} is missing")))
}
