//! Whether one statement of a policy speaks of an action on an ARN.

use serde_json::Value as Json;

use super::graph::{Answer, Graph, one_or_many, physical_name, service_of};
use super::intrinsic::to_text;
use super::wildcard::{Sign, matches, meet, signs};
use crate::template::TemplateResource;

/// An action on an ARN in one world.
pub(crate) struct Question<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) action: &'a str,
    /// In the notation of `Fn::Sub`; `None` when it cannot be resolved.
    pub(crate) arn: Option<&'a str>,
}

/// Whether the statement, of whichever effect, is about the question; `Unknown` also when a condition decides.
pub(crate) fn judge(question: &Question<'_>, statement: &Json) -> Answer {
    let action = either(statement, "Action", "NotAction", |pattern| match pattern.as_str() {
        Some(pattern) => Answer::from(matches(&pattern.to_lowercase(), &question.action.to_lowercase())),
        None => Answer::Unknown,
    });
    let resource = either(statement, "Resource", "NotResource", |pattern| covers(question, pattern));
    match (action, resource) {
        (Answer::No, _) | (_, Answer::No) => Answer::No,
        (Answer::Yes, Answer::Yes) if statement.get("Condition").is_none() => Answer::Yes,
        _ => Answer::Unknown,
    }
}

/// The answer of an element of a statement, or of its negation.
fn either(statement: &Json, name: &str, negation: &str, answer: impl Fn(&Json) -> Answer) -> Answer {
    let any = |json: &Json| Answer::any(one_or_many(json).into_iter().map(&answer));
    match (statement.get(name), statement.get(negation)) {
        (Some(json), _) => any(json),
        (None, Some(json)) => match any(json) {
            Answer::Yes => Answer::No,
            Answer::No => Answer::Yes,
            Answer::Unknown => Answer::Unknown,
        },
        (None, None) => Answer::Unknown,
    }
}

/// Whether a resource of a policy covers all of the ARN.
fn covers(question: &Question<'_>, pattern: &Json) -> Answer {
    let (Some(pattern), Some(arn)) = (to_text(pattern), question.arn) else { return Answer::Unknown };
    if pattern == "*" {
        return Answer::Yes;
    }
    let (pattern, arn) = (spelled_out(question.graph, &pattern), spelled_out(question.graph, arn));
    if matches(&pattern, &arn) {
        return Answer::Yes;
    }
    match (service(&pattern), service(&arn)) {
        (Some(one), Some(two)) if one != two => Answer::No,
        _ => meet(&pattern, &arn, |one, two| may_be_same(question.graph, one, two)),
    }
}

/// The service of an ARN that names it.
fn service(arn: &str) -> Option<String> {
    let signs = signs(arn);
    let mut parts = signs.split(|sign| *sign == Sign::Char(':'));
    let plain = |part: &[Sign<'_>]| {
        let char_of = |sign: &Sign<'_>| match sign {
            Sign::Char('*' | '?') | Sign::Reference(_) => None,
            Sign::Char(c) => Some(*c),
        };
        part.iter().map(char_of).collect::<Option<String>>()
    };
    let (scheme, partition) = (plain(parts.next()?)?, parts.next()?);
    // A `*` at the end of a part may reach over the next ones.
    let is_wild = partition.iter().any(|sign| matches!(sign, Sign::Char('*' | '?')));
    (scheme == "arn" && !is_wild).then(|| plain(parts.next()?)).flatten()
}

/// Whether two signs that differ, at least one of them a reference, may stand for the same text.
fn may_be_same(graph: &Graph, one: Sign<'_>, two: Sign<'_>) -> Answer {
    let (Sign::Reference(one), Sign::Reference(two)) = (one, two) else { return Answer::Unknown };
    match (resource_of(graph, one), resource_of(graph, two)) {
        (Some((one, attribute)), Some((two, other))) => {
            let are_told_apart = attribute == other && one.logical_id != two.logical_id;
            if are_told_apart { Answer::No } else { Answer::Unknown }
        }
        _ => Answer::Unknown,
    }
}

/// The resource of the template that a reference names, and its return value.
fn resource_of<'a, 'b>(
    graph: &'a Graph,
    reference: &'b str,
) -> Option<(TemplateResource<'a>, Option<&'b str>)> {
    let (logical_id, attribute) = match reference.split_once('.') {
        Some((logical_id, attribute)) => (logical_id, Some(attribute)),
        None => (reference, None),
    };
    Some((graph.resource(logical_id)?, attribute))
}

/// The text with the ARNs of resources in parts, so that they can be held against ARNs that are put together.
fn spelled_out(graph: &Graph, text: &str) -> String {
    let mut out = String::new();
    for sign in signs(text) {
        match sign {
            Sign::Char(c) => out.push(c),
            Sign::Reference(reference) => {
                let arn = resource_of(graph, reference).and_then(|(resource, value)| arn_of(resource, value));
                out.push_str(&arn.unwrap_or_else(|| format!("${{{reference}}}")));
            }
        }
    }
    out
}

/// The ARN that a return value stands for, when the types are known here and it is one.
fn arn_of(resource: TemplateResource<'_>, return_value: Option<&str>) -> Option<String> {
    let service = service_of(resource)?;
    // `Ref` of a topic is its ARN. A path would be part of a role's.
    let is_stream = service == "dynamodb" && return_value == Some("StreamArn");
    let is_arn = return_value == Some("Arn") || is_stream || (service == "sns" && return_value.is_none());
    if !is_arn || resource.property("Path").is_some() {
        return None;
    }
    let own = |attribute: &str| format!("${{{}{attribute}}}", resource.logical_id);
    let (place, name) = match service {
        "s3" => ("::", own("")),
        "iam" => (":${AWS::AccountId}:role/", own("")),
        "lambda" => ("${AWS::Region}:${AWS::AccountId}:function:", own("")),
        "dynamodb" => ("${AWS::Region}:${AWS::AccountId}:table/", own("")),
        "sqs" => ("${AWS::Region}:${AWS::AccountId}:", own(".QueueName")),
        "sns" => ("${AWS::Region}:${AWS::AccountId}:", own(".TopicName")),
        _ => return None,
    };
    let name = physical_name(resource).unwrap_or(name);
    // The label of a stream is not known beforehand.
    let label = if is_stream { "/stream/*" } else { "" };
    Some(format!("arn:${{AWS::Partition}}:{service}:{place}{name}{label}"))
}
