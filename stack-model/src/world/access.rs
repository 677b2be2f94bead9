//! Who may do what, as far as the policies of one world tell.
//!
//! Only grants are read. A `Deny` or a condition can take a grant away again; laws that miss a grant must not be
//! fooled by one that is there under a condition, so such a grant counts as `Unknown` where its absence matters.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::graph::{Answer, Found, Graph, find, one_or_many, references, service_of, value};
use super::intrinsic::to_text;
use super::naming::{Naming, PERMISSION, ROLE_POLICIES, of_resource};
use super::permission::{self, Question};
use super::wildcard::matches;
use crate::template::TemplateResource;

/// AWS's managed policies whose grants are known, each on every resource; all others count as unknown.
///
/// Source: AWS managed policy reference, a page of each name (that of AWSLambdaVPCAccessExecutionRole read 2026-11-23, those
/// of streams 2026-12-01).
const MANAGED: [(&str, &[&str]); 6] = [
    ("AWSLambdaBasicExecutionRole", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    (
        "AWSLambdaSQSQueueExecutionRole",
        &[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "AWSLambdaDynamoDBExecutionRole",
        &[
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "AWSLambdaKinesisExecutionRole",
        &[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "AWSXRayDaemonWriteAccess",
        &[
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries",
        ],
    ),
    (
        "AWSLambdaVPCAccessExecutionRole",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
    ),
];

/// The grants of a role: its statements, what its managed policies allow, and whether that is all.
pub(crate) struct Grants<'a> {
    graph: &'a Graph,
    statements: Vec<&'a Json>,
    managed_actions: Vec<&'static str>,
    is_complete: bool,
}

impl Grants<'_> {
    /// Whether the role may do `action` on the resource.
    pub(crate) fn allow(&self, action: &str, on: TemplateResource<'_>) -> Answer {
        if self.managed_actions.iter().any(|pattern| matches(pattern, action)) {
            return Answer::Yes;
        }
        let answers = self.statements.iter().map(|statement| judge(self.graph, statement, action, on));
        let rest = if self.is_complete { Answer::No } else { Answer::Unknown };
        Answer::any(answers.chain([rest]))
    }

    /// Whether any statement allows anything of the resource's service on it, or below it.
    pub(crate) fn mention(&self, resource: TemplateResource<'_>) -> Answer {
        let service = service_of(resource).unwrap_or_default();
        let answers = self.statements.iter().map(|statement| {
            let on = || match statement.get("NotResource") {
                Some(_) => Answer::Unknown,
                None => {
                    let resources = statement.get("Resource").map(one_or_many).unwrap_or_default();
                    Answer::any(resources.into_iter().map(|pattern| names(self.graph, pattern, resource)))
                }
            };
            match allows_of(statement, service) {
                Answer::No => Answer::No,
                Answer::Yes => on(),
                Answer::Unknown if on() == Answer::No => Answer::No,
                Answer::Unknown => Answer::Unknown,
            }
        });
        let managed = self.managed_actions.iter().map(|action| Answer::from(is_of(action, service)));
        let rest = if self.is_complete { Answer::No } else { Answer::Unknown };
        Answer::any(answers.chain(managed).chain([rest]))
    }

    /// Whether the role may do `action` on an ARN in the notation of `Fn::Sub`.
    pub(crate) fn allow_on(&self, action: &str, arn: &str) -> Answer {
        if self.managed_actions.iter().any(|pattern| matches(pattern, action)) {
            return Answer::Yes;
        }
        let question = Question { graph: self.graph, action, arn: Some(arn) };
        let allowing = self.statements.iter().filter(|statement| statement["Effect"] == "Allow");
        let answers = allowing.map(|statement| permission::judge(&question, statement));
        let rest = if self.is_complete { Answer::No } else { Answer::Unknown };
        Answer::any(answers.chain([rest]))
    }

    /// The logical IDs that resources of statements mention, each once.
    pub(crate) fn named(&self) -> BTreeSet<String> {
        let patterns = self.statements.iter().filter_map(|statement| statement.get("Resource"));
        let texts = patterns.flat_map(one_or_many).filter_map(to_text);
        let mut named = BTreeSet::new();
        for text in texts {
            named.extend(references(&text).into_iter().map(|(logical_id, _)| logical_id.to_owned()));
        }
        named
    }

    /// Every statement that is known, also those that deny.
    pub(crate) fn statements(&self) -> &[&Json] {
        &self.statements
    }

    /// What the known managed policies allow on every resource.
    pub(crate) fn managed_actions(&self) -> &[&'static str] {
        &self.managed_actions
    }

    /// Whether the template tells of every policy of the role.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The statements that allow an action.
    pub(crate) fn allowing(&self, action: &str) -> impl Iterator<Item = &Json> {
        self.statements.iter().copied().filter(move |statement| does(statement, action) == Answer::Yes)
    }
}

/// Whether a statement allows any action of the service.
fn allows_of(statement: &Json, service: &str) -> Answer {
    if statement["Effect"] != "Allow" {
        return Answer::No;
    }
    let Some(actions) = statement.get("Action") else { return Answer::Unknown };
    Answer::any(one_or_many(actions).into_iter().map(|pattern| match pattern.as_str() {
        Some(pattern) => Answer::from(is_of(pattern, service)),
        None => Answer::Unknown,
    }))
}

/// Whether a pattern of actions has some of the service.
fn is_of(pattern: &str, service: &str) -> bool {
    pattern == "*" || pattern.split(':').next().is_some_and(|own| matches(&own.to_lowercase(), service))
}

impl Graph {
    /// The grants of a function's role; `None` when the role is not in the template.
    pub(crate) fn grants_of(&self, function: TemplateResource<'_>) -> Option<Grants<'_>> {
        Some(self.grants_of_role(self.target(function, "Role", "AWS::IAM::Role")?))
    }

    /// The grants of a role of the template.
    pub(crate) fn grants_of_role<'a>(&'a self, role: TemplateResource<'a>) -> Grants<'a> {
        let mut grants =
            Grants { graph: self, statements: Vec::new(), managed_actions: Vec::new(), is_complete: true };
        for policy in list(role, "Policies", &mut grants.is_complete) {
            grants.take(policy.get("PolicyDocument"));
        }
        for arn in list(role, "ManagedPolicyArns", &mut grants.is_complete) {
            self.take_managed(arn, &mut grants);
        }
        for (policy, is_attached) in ROLE_POLICIES.iter().flat_map(|naming| self.naming(naming, role)) {
            match is_attached {
                Answer::Yes => grants.take(policy.property("PolicyDocument")),
                Answer::Unknown => grants.is_complete = false,
                Answer::No => {}
            }
        }
        grants
    }

    fn take_managed<'a>(&'a self, arn: &'a Json, grants: &mut Grants<'a>) {
        let text = to_text(arn).unwrap_or_default();
        let known = MANAGED.iter().find(|(name, _)| text.ends_with(&format!("/{name}")));
        let own = self.named(arn).filter(|named| named.resource_type() == "AWS::IAM::ManagedPolicy");
        match (known, own) {
            (Some((_, actions)), _) => grants.managed_actions.extend(*actions),
            (None, Some(policy)) => grants.take(policy.property("PolicyDocument")),
            (None, None) => grants.is_complete = false,
        }
    }

    /// Whether a resource policy of the template lets a service do `action` on the resource, and which says so.
    pub(crate) fn service_policies(
        &self,
        kinds: &'static [Naming],
        on: TemplateResource<'_>,
        service: &str,
        action: &str,
    ) -> (Answer, Vec<TemplateResource<'_>>) {
        let mut answers = Vec::new();
        let mut granting = Vec::new();
        for (policy, is_about) in kinds.iter().flat_map(|kind| self.naming(kind, on)) {
            let answer = match is_about {
                Answer::Yes => document_allows(policy.property("PolicyDocument"), service, action),
                other => other,
            };
            if is_about == Answer::Yes && answer != Answer::No {
                granting.push(policy);
            }
            answers.push(answer);
        }
        (Answer::any(answers), granting)
    }

    /// Whether the template has a policy of that kind on the resource.
    pub(crate) fn has_policy(&self, kinds: &'static [Naming], on: TemplateResource<'_>) -> Answer {
        Answer::any(kinds.iter().flat_map(|kind| self.naming(kind, on)).map(|(_, is_about)| is_about))
    }

    /// The policies of that kind that are or may be about the resource.
    pub(crate) fn policies_on<'a>(
        &'a self,
        kinds: &'static [Naming],
        on: TemplateResource<'_>,
    ) -> impl Iterator<Item = TemplateResource<'a>> {
        kinds.iter().flat_map(move |kind| self.naming(kind, on)).map(|(policy, _)| policy)
    }

    /// Whether a permission of the template lets a service invoke the function, and which do.
    pub(crate) fn permissions(
        &self,
        function: TemplateResource<'_>,
        service: &str,
    ) -> (Answer, Vec<TemplateResource<'_>>) {
        let mut answers = Vec::new();
        let mut granting = Vec::new();
        for (permission, is_own) in self.naming(&PERMISSION, function) {
            let is_principal = match value(permission, "Principal").and_then(service_principal) {
                Some(principal) => Answer::from(principal == service || principal == "*"),
                None => Answer::Unknown,
            };
            let answer = match (is_principal, is_own) {
                (Answer::No, _) | (_, Answer::No) => Answer::No,
                (Answer::Yes, Answer::Yes) => Answer::Yes,
                _ => Answer::Unknown,
            };
            if answer != Answer::No {
                granting.push(permission);
            }
            answers.push(answer);
        }
        (Answer::any(answers), granting)
    }
}

/// Policies of queues.
pub(crate) const QUEUE_POLICIES: &[Naming] = &[
    of_resource("AWS::SQS::QueueInlinePolicy", &["Queue"]),
    of_resource("AWS::SQS::QueuePolicy", &["Queues"]),
];

/// Policies of topics.
pub(crate) const TOPIC_POLICIES: &[Naming] = &[
    of_resource("AWS::SNS::TopicInlinePolicy", &["TopicArn"]),
    of_resource("AWS::SNS::TopicPolicy", &["Topics"]),
];

impl<'a> Grants<'a> {
    fn take(&mut self, document: Option<&'a Json>) {
        match statements(document) {
            Some(found) => self.statements.extend(found),
            None => self.is_complete = false,
        }
    }
}

fn list<'a>(resource: TemplateResource<'a>, path: &str, is_complete: &mut bool) -> Vec<&'a Json> {
    match find(resource, path) {
        Found::Value(Json::Array(elements)) => elements.iter().collect(),
        Found::Absent => Vec::new(),
        Found::Unknown | Found::Value(_) => {
            *is_complete = false;
            Vec::new()
        }
    }
}

/// The statements of a policy document; `None` when they are not known.
pub(crate) fn statements(document: Option<&Json>) -> Option<Vec<&Json>> {
    let found = one_or_many(document?.get("Statement")?);
    found.iter().all(|statement| statement.get("Effect").is_some()).then_some(found)
}

/// Whether a key's policy lets a service do `action`. What it lets the account do does not cover a service that calls
/// for itself.
pub(crate) fn service_may(key_policy: Option<&Json>, service: &str, action: &str) -> Answer {
    let Some(statements) = statements(key_policy) else { return Answer::Unknown };
    let for_services = statements.into_iter().filter(|statement| {
        let accounts = statement
            .get("Principal")
            .is_some_and(|it| it.get("AWS").is_some() && it.get("Service").is_none());
        !accounts
    });
    Answer::any(for_services.map(|statement| grants(statement, service, action)))
}

fn document_allows(document: Option<&Json>, service: &str, action: &str) -> Answer {
    let Some(statements) = statements(document) else { return Answer::Unknown };
    Answer::any(statements.into_iter().map(|statement| grants(statement, service, action)))
}

fn grants(statement: &Json, service: &str, action: &str) -> Answer {
    match (is_for(statement, service), does(statement, action)) {
        (Answer::No, _) | (_, Answer::No) => Answer::No,
        (Answer::Yes, Answer::Yes) => Answer::Yes,
        _ => Answer::Unknown,
    }
}

/// Whether a statement's principal is the service, or everyone.
fn is_for(statement: &Json, service: &str) -> Answer {
    let Some(principal) = statement.get("Principal") else { return Answer::Unknown };
    if is_everyone(principal) {
        return Answer::Yes;
    }
    let services = principal.get("Service").map(one_or_many).unwrap_or_default();
    let services = services.into_iter().map(|found| match service_principal(found) {
        Some(found) => Answer::from(found == service),
        None => Answer::Unknown,
    });
    // A service acts for an account in ways that a template does not tell.
    let accounts = principal.get("AWS").map(|_| Answer::Unknown);
    Answer::any(services.chain(accounts))
}

/// The name of a service principal, however its end is written; `None` when it is not known.
pub(crate) fn service_principal(json: &Json) -> Option<String> {
    let text = to_text(json)?.replace("${AWS::URLSuffix}", "amazonaws.com");
    (!text.contains("${")).then_some(text)
}

/// Whether a principal is `*`, in any of its forms.
pub(crate) fn is_everyone(principal: &Json) -> bool {
    let listed = principal.get("AWS").map(one_or_many).unwrap_or_default();
    principal == "*" || listed.into_iter().any(|aws| aws == "*")
}

/// Whether a statement grants an action, whatever on.
fn does(statement: &Json, action: &str) -> Answer {
    if statement["Effect"] != "Allow" {
        return Answer::No;
    }
    let Some(actions) = statement.get("Action") else { return Answer::Unknown };
    Answer::any(one_or_many(actions).into_iter().map(|pattern| match pattern.as_str() {
        Some(pattern) => Answer::from(matches(&pattern.to_lowercase(), &action.to_lowercase())),
        None => Answer::Unknown,
    }))
}

fn judge(graph: &Graph, statement: &Json, action: &str, on: TemplateResource<'_>) -> Answer {
    let done = does(statement, action);
    if done == Answer::No {
        return Answer::No;
    }
    let Some(patterns) = statement.get("Resource") else { return Answer::Unknown };
    match Answer::any(one_or_many(patterns).into_iter().map(|pattern| covers(graph, pattern, on))) {
        Answer::Yes => done,
        other => other,
    }
}

/// Whether a policy's resource covers the resource itself (not what lies below, as objects or indexes).
fn covers(graph: &Graph, pattern: &Json, resource: TemplateResource<'_>) -> Answer {
    let Some(text) = to_text(pattern) else { return Answer::Unknown };
    let id = resource.logical_id;
    if [format!("${{{id}}}"), format!("${{{id}.Arn}}")].iter().any(|own| matches(&text, own)) {
        return Answer::Yes;
    }
    match names(graph, pattern, resource) {
        // It is mentioned in a form that is not compared here, as `...:${Queue.QueueName}`.
        Answer::Yes => Answer::Unknown,
        other => other,
    }
}

/// Whether a policy's resource is the resource, lies below it, or matches its name.
fn names(graph: &Graph, pattern: &Json, resource: TemplateResource<'_>) -> Answer {
    let Some(text) = to_text(pattern) else { return Answer::Unknown };
    if text == "*" {
        return Answer::Yes;
    }
    let mentioned = references(&text);
    if mentioned.iter().any(|(id, _)| *id == resource.logical_id) {
        return Answer::Yes;
    }
    if !mentioned.is_empty() {
        // A parameter may hold the name of anything.
        let only_resources = mentioned.iter().all(|(id, _)| graph.has(id));
        return if only_resources { Answer::No } else { Answer::Unknown };
    }
    let service = text.split(':').nth(2).filter(|_| text.starts_with("arn:"));
    match (service, service_of(resource)) {
        (Some(service), Some(own)) if service != own && service != "*" => Answer::No,
        _ => Answer::Unknown,
    }
}
