//! CloudFormation in the Query protocol: each operation reads its form and writes its result.

mod change_sets;
mod direct;
mod drift;
mod events;
mod page;
mod recovery;
mod request;
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
    ("CreateStack", direct::create),
    ("DeleteChangeSet", change_sets::delete),
    ("DeleteStack", recovery::delete),
    ("DescribeChangeSet", change_sets::describe),
    ("DescribeEvents", events::describe),
    ("DescribeStackDriftDetectionStatus", drift::status),
    ("DescribeStackEvents", events::of_stack),
    ("DescribeStackResourceDrifts", drift::resources),
    ("DescribeStackResources", stacks::described_resources),
    ("DescribeStacks", stacks::describe),
    ("DetectStackDrift", drift::detect),
    ("ExecuteChangeSet", change_sets::execute),
    ("GetStackPolicy", stacks::policy),
    ("GetTemplate", stacks::template),
    ("ListChangeSets", change_sets::list),
    ("ListStackResources", stacks::listed_resources),
    ("RollbackStack", recovery::roll_back),
    ("SetStackPolicy", stacks::set_policy),
    ("UpdateStack", direct::update),
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
