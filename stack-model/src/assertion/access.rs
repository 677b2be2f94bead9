//! What a role's policies come to: what they allow, less what they deny.
//!
//! Every world of the template is asked: with each value that its conditions tell apart. An answer is given only where
//! it is certain in all of them.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::mismatch::{Mismatch, Permission};
use crate::pipeline::PERMISSIONS_BOUNDARY;
use crate::template::Template;
use crate::value::to_json;
use crate::world::access::Grants;
use crate::world::graph::{Answer, Graph};
use crate::world::intrinsic::to_text;
use crate::world::permission::{Question, judge};
use crate::world::worlds;

/// A key that no resource of a template can have, so that the ARN asked for is resolved in each world with it.
const QUESTION: &str = "?";

/// Asks that a function's or role's own policies allow an action on an ARN.
///
/// `on` is a text, a handle's ARN, an intrinsic function as JSON. It may end in `*`, and is then allowed only by what
/// covers all of it. Denials count; resource policies, as of a queue, are not read.
///
/// ```
/// use stack_model::assertion::{is_granted, is_not_granted};
/// use stack_model::handle::Standard;
/// use stack_model::pipeline::{FunctionOptions, Pipeline, PipelineName, PipelineOptions, QueueOptions};
///
/// let mut pipeline = Pipeline::new(PipelineName::new("orders")?, PipelineOptions::default());
/// let orders = pipeline.queue::<Standard>("orders", QueueOptions::default());
/// let sender = pipeline.function("sender", FunctionOptions::default());
/// pipeline.grant(&sender, orders.send());
/// let template = pipeline.into_stack().template();
///
/// is_granted(&template, "SenderFunction", "sqs:SendMessage", orders.arn())?;
/// is_not_granted(&template, "SenderFunction", "sqs:ReceiveMessage", orders.arn())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Mismatch::NotGranted`], [`Mismatch::Denied`], [`Mismatch::Undecided`] when a condition, a permissions boundary or
/// a value from outside decides, or [`Mismatch::NoResource`] and [`Mismatch::NoRole`] when there is nobody to ask.
pub fn is_granted(
    template: &Template,
    subject: &str,
    action: &str,
    on: impl Serialize,
) -> Result<(), Mismatch> {
    hold(verdicts(template, subject, action, to_json(&on))?, Answer::Yes)
}

/// Asks that a function's or role's own policies do not allow an action on an ARN.
///
/// The counterpart of [`is_granted`]: what is not known for certain satisfies neither.
///
/// # Errors
/// [`Mismatch::Granted`] with the statement, [`Mismatch::Undecided`] when it may be allowed, or
/// [`Mismatch::NoResource`] and [`Mismatch::NoRole`] when there is nobody to ask.
pub fn is_not_granted(
    template: &Template,
    subject: &str,
    action: &str,
    on: impl Serialize,
) -> Result<(), Mismatch> {
    hold(verdicts(template, subject, action, to_json(&on))?, Answer::No)
}

/// What one world says, with the words for whoever expected otherwise.
struct Verdict {
    is_granted: Answer,
    otherwise: Mismatch,
}

/// Demands the same answer of every world.
fn hold(verdicts: Vec<Verdict>, expected: Answer) -> Result<(), Mismatch> {
    let other = verdicts.into_iter().find(|verdict| verdict.is_granted != expected);
    other.map_or(Ok(()), |verdict| Err(verdict.otherwise))
}

/// The verdict of each world that has the subject; at least one.
fn verdicts(template: &Template, subject: &str, action: &str, on: Json) -> Result<Vec<Verdict>, Mismatch> {
    if template.resource(subject).is_none() {
        let present = template.resources().map(|resource| resource.logical_id.to_owned()).collect();
        return Err(Mismatch::NoResource { logical_id: subject.to_owned(), present });
    }
    let permission = Permission { subject: subject.to_owned(), action: action.to_owned(), on: on.clone() };
    let asking = template.with_resource(QUESTION, json!({"Type": QUESTION, "Properties": {"Arn": on}}));
    let verdicts: Vec<_> = worlds(&asking)
        .into_iter()
        .map(|world| Graph::new(world.template))
        .filter(|graph| graph.has(subject))
        .filter_map(|graph| verdict(&graph, &permission))
        .collect();
    if verdicts.is_empty() {
        return Err(Mismatch::NoRole { logical_id: subject.to_owned() });
    }
    Ok(verdicts)
}

/// The verdict of one world; `None` when the subject has no role there that is known.
fn verdict(graph: &Graph, permission: &Permission) -> Option<Verdict> {
    let resource = graph.resource(&permission.subject)?;
    let (role, grants) = match resource.resource_type() {
        "AWS::IAM::Role" => (resource, graph.grants_of_role(resource)),
        _ => {
            let role = graph.target(resource, "Role", "AWS::IAM::Role")?;
            (role, graph.grants_of_role(role))
        }
    };
    let arn = graph.resource(QUESTION).and_then(|question| question.property("Arn")).and_then(to_text);
    let question = Question { graph, action: &permission.action, arn: arn.as_deref() };
    let is_bounded = role.property("PermissionsBoundary").is_some_and(|boundary| !is_promised(boundary));
    Some(weigh(&question, &grants, is_bounded, permission))
}

/// True for the boundary of a pipeline's own parameter, which is promised to allow what the roles are granted.
fn is_promised(boundary: &Json) -> bool {
    boundary["Ref"] == PERMISSIONS_BOUNDARY
}

/// Holds what allows against what denies.
fn weigh(question: &Question<'_>, grants: &Grants<'_>, is_bounded: bool, permission: &Permission) -> Verdict {
    let permission = permission.clone();
    let judged = grants.statements().iter().map(|statement| (*statement, judge(question, statement)));
    let (denials, allowances): (Vec<_>, Vec<_>) =
        judged.partition(|(statement, _)| statement["Effect"] == "Deny");
    if let Some(statement) = of(&denials, Answer::Yes).first().cloned() {
        return Verdict { is_granted: Answer::No, otherwise: Mismatch::Denied { permission, statement } };
    }
    let allowance = of(&allowances, Answer::Yes).first().cloned().or_else(|| managed(question, grants));
    let (may_deny, may_allow) = (of(&denials, Answer::Unknown), of(&allowances, Answer::Unknown));
    let is_granted = match allowance {
        Some(_) if may_deny.is_empty() && !is_bounded => Answer::Yes,
        None if may_allow.is_empty() && grants.is_complete() => Answer::No,
        _ => Answer::Unknown,
    };
    let otherwise = match (is_granted, allowance) {
        (Answer::Yes, Some(statement)) => Mismatch::Granted { permission, statement },
        (Answer::No, _) => {
            let related = grants.allowing(question.action).cloned().collect();
            Mismatch::NotGranted { permission, related }
        }
        _ => Mismatch::Undecided { permission, related: [may_deny, may_allow].concat() },
    };
    Verdict { is_granted, otherwise }
}

/// The statements with that answer.
fn of(judged: &[(&Json, Answer)], expected: Answer) -> Vec<Json> {
    let such = judged.iter().filter(|(_, answer)| *answer == expected);
    such.map(|(statement, _)| (*statement).clone()).collect()
}

/// What the known managed policies of AWS say, as a statement.
fn managed(question: &Question<'_>, grants: &Grants<'_>) -> Option<Json> {
    let statement = json!({"Effect": "Allow", "Action": grants.managed_actions(), "Resource": "*"});
    (judge(question, &statement) == Answer::Yes).then_some(statement)
}
