//! What the keys of a spec say about each other: names that are used must be declared, kinds must
//! fit, secrets must not be literal, and what AWS refuses of tags and addresses is found here.
//!
//! Names are looked up in the tree, not in the typed spec, so that a queue with a mistake of its
//! own is not reported as missing too.

use stack_model::diagnostic::Code;
use stack_model::pipeline::RouteKey;

use super::file::{
    Access, Alarm, AlarmSubject, Api, EnvironmentValue, EventSource, Function, Name, Queue, QueueAccess,
    Route, Scalar, SpecFile, Subscription, SubscriptionEndpoint, SubscriptionProtocol, TableAccess, Topic,
};
use super::nearest::did_you_mean;
use super::yaml::Node;
use crate::diagnostic::{
    BAD_ROUTE, DANGLING_REFERENCE, Diagnostic, LITERAL_SECRET, ONLY_FOR_FIFO, UNKNOWN_ACTION,
    VALUE_NOT_ALLOWED,
};

/// Checks all references of a spec; `tree` is what it was read from.
#[must_use]
pub fn check(spec: &SpecFile, tree: &Node) -> Vec<Diagnostic> {
    let mut checker = Checker { tree, diagnostics: Vec::new() };
    checker.tags(spec);
    checker.names(&spec.observability.notify, "topics", &["observability", "notify"]);
    for (name, queue) in &spec.queues {
        checker.queue(name, queue);
    }
    for (name, topic) in &spec.topics {
        checker.topic(name, topic);
    }
    for (name, function) in &spec.functions {
        checker.function(name, function);
    }
    for (name, api) in &spec.apis {
        checker.api(name, api);
    }
    for (name, alarm) in &spec.alarms {
        checker.alarm(name, alarm);
    }
    checker.diagnostics
}

/// Tags of one stack. Source: CloudFormation quotas.
const MAX_TAGS: usize = 50;

fn is_of_tags(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

struct Checker<'a> {
    tree: &'a Node,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static Code, path: &[&str], message: String, help: Option<String>) {
        let place = Some(self.tree.place_of(path));
        self.diagnostics.push(Diagnostic { code, place, subject: path.join("."), message, help });
    }

    /// Source: CloudFormation API reference, Tag; tagging best practices (read 2026-11-23).
    fn tags(&mut self, spec: &SpecFile) {
        for (key, value) in &spec.tags {
            let faults = [
                (key.is_empty() || key.chars().count() > 128, "has 1 to 128 characters in its key"),
                (
                    key.to_lowercase().starts_with("aws:"),
                    "does not begin with `aws:`, which AWS keeps for itself",
                ),
                (value.chars().count() > 256, "has at most 256 characters in its value"),
                (
                    !key.chars().chain(value.chars()).all(is_of_tags),
                    "is made of letters, digits, spaces and _ . : / = + - @",
                ),
            ];
            for (_, rule) in faults.into_iter().filter(|(is_broken, _)| *is_broken) {
                self.report(
                    &VALUE_NOT_ALLOWED,
                    &["tags", key],
                    format!("The tag `{key}` is refused: a tag {rule}."),
                    None,
                );
            }
        }
        if spec.tags.len() > MAX_TAGS {
            let message = format!("There are {} tags; a stack has at most {MAX_TAGS}.", spec.tags.len());
            self.report(&VALUE_NOT_ALLOWED, &["tags"], message, None);
        }
    }

    /// Source: SNS API reference, Subscribe; ITU-T E.164.
    fn endpoint(&mut self, subscription: &Subscription, path: &[&str]) {
        let SubscriptionEndpoint::Address(address) = &subscription.endpoint else { return };
        let is_phone = address.strip_prefix('+').is_some_and(|digits| {
            (2..=15).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.starts_with('0')
        });
        let (is_fit, wanted) = match subscription.protocol {
            SubscriptionProtocol::Sms => (is_phone, "a phone number with its country, such as `+4930123456`"),
            SubscriptionProtocol::Email | SubscriptionProtocol::EmailJson => {
                let is_address = address.split_once('@').is_some_and(|(local, domain)| {
                    !local.is_empty() && !domain.is_empty() && !domain.contains('@')
                });
                (
                    is_address && !address.contains(char::is_whitespace),
                    "an e-mail address, such as `team@example.com`",
                )
            }
            SubscriptionProtocol::Https => {
                (address.starts_with("https://"), "an address that begins with `https://`")
            }
        };
        if !is_fit {
            self.report(&VALUE_NOT_ALLOWED, path, format!("`{address}` is not {wanted}."), None);
        }
    }

    fn declared(&self, section: &str) -> Vec<String> {
        let entries = self.tree.entry(section).map(|entry| entry.value.entries()).unwrap_or_default();
        entries.iter().map(|entry| entry.key.clone()).collect()
    }

    fn name(&mut self, name: &str, section: &str, path: &[&str]) {
        let declared = self.declared(section);
        if declared.iter().any(|known| known == name) {
            return;
        }
        let known = declared.iter().map(String::as_str);
        let help = did_you_mean(name, known).or_else(|| {
            let elsewhere =
                SECTIONS.iter().find(|other| self.declared(other).iter().any(|known| known == name))?;
            Some(format!("There is a `{name}` in `{elsewhere}`."))
        });
        let help = help.or_else(|| Some(format!("Declare `{name}` under `{section}`.")));
        self.report(&DANGLING_REFERENCE, path, format!("`{name}` is not declared under `{section}`."), help);
    }

    fn names(&mut self, names: &[Name], section: &str, path: &[&str]) {
        for (index, name) in names.iter().enumerate() {
            let index = index.to_string();
            self.name(name.as_str(), section, &[path, &[index.as_str()]].concat());
        }
    }

    fn queue(&mut self, name: &Name, queue: &Queue) {
        if queue.content_based_deduplication.is_some() && !queue.fifo {
            let path = ["queues", name.as_str(), "content_based_deduplication"];
            let help = Some("Remove it or set `fifo: true`.".to_owned());
            self.report(&ONLY_FOR_FIFO, &path, "A standard queue has no deduplication.".to_owned(), help);
        }
        if let Some(redrive) = &queue.redrive {
            let path = ["queues", name.as_str(), "redrive", "dead_letter_queue"];
            self.name(redrive.dead_letter_queue.as_str(), "queues", &path);
        }
    }

    fn topic(&mut self, name: &Name, topic: &Topic) {
        for (index, subscription) in topic.subscriptions.iter().enumerate() {
            let index = index.to_string();
            if let SubscriptionEndpoint::Parameter(value) = &subscription.endpoint {
                let path = ["topics", name.as_str(), "subscriptions", &index, "endpoint", "parameter"];
                self.name(&value.parameter, "parameters", &path);
            }
            self.endpoint(subscription, &["topics", name.as_str(), "subscriptions", &index, "endpoint"]);
        }
    }

    fn function(&mut self, name: &Name, function: &Function) {
        let name = name.as_str();
        for (variable, value) in &function.environment {
            self.variable(name, variable, value);
        }
        for (index, access) in function.access.iter().enumerate() {
            let index = index.to_string();
            self.access(access, &["functions", name, "access", &index]);
        }
        for (index, event) in function.events.iter().enumerate() {
            let index = index.to_string();
            self.event(event, &["functions", name, "events", &index]);
        }
        let Some(target) = &function.on_failure else { return };
        self.name(target.as_str(), "queues", &["functions", name, "on_failure"]);
    }

    fn variable(&mut self, function: &str, variable: &str, value: &EnvironmentValue) {
        let path = ["functions", function, "environment", variable];
        match value {
            EnvironmentValue::Literal(literal) => self.literal(variable, literal, &path),
            EnvironmentValue::Access(access) => self.access(access, &path),
            EnvironmentValue::Parameter(value) => {
                self.name(&value.parameter, "parameters", &[&path[..], &["parameter"]].concat());
            }
            EnvironmentValue::Secret(_) => {}
        }
    }

    fn literal(&mut self, variable: &str, literal: &Scalar, path: &[&str]) {
        let secret =
            SECRET_WORDS.iter().any(|word| variable.to_uppercase().split('_').any(|part| part == *word));
        let text = literal.to_string();
        if secret && !text.is_empty() && !text.starts_with("{{resolve:") {
            let help =
                Some("Name a secret of AWS Secrets Manager: `{ secret: <name>, field: <key> }`.".to_owned());
            // The value itself is not repeated: a log may keep it.
            self.report(&LITERAL_SECRET, path, format!("`{variable}` holds a secret in the open."), help);
        }
    }

    fn access(&mut self, access: &Access, path: &[&str]) {
        match access {
            Access::Queue(QueueAccess { queue, .. }) => {
                self.name(queue.as_str(), "queues", &[path, &["queue"]].concat())
            }
            Access::Table(access) => self.table_access(access, path),
            Access::Bucket(access) => {
                self.name(access.bucket.as_str(), "buckets", &[path, &["bucket"]].concat())
            }
            Access::Topic(access) => self.name(access.topic.as_str(), "topics", &[path, &["topic"]].concat()),
        }
    }

    fn table_access(&mut self, access: &TableAccess, path: &[&str]) {
        self.name(access.table.as_str(), "tables", &[path, &["table"]].concat());
        let allowed = super::lower::table_actions(access.access);
        for (index, action) in access.actions.iter().enumerate() {
            if !allowed.contains(&action.as_str()) {
                let index = index.to_string();
                let help = did_you_mean(action, allowed.iter().copied())
                    .or_else(|| Some(format!("The access includes {}.", allowed.join(", "))));
                let message = format!("`{action}` is not an action of this access.");
                self.report(&UNKNOWN_ACTION, &[path, &["actions", &index]].concat(), message, help);
            }
        }
    }

    fn event(&mut self, event: &EventSource, path: &[&str]) {
        match event {
            EventSource::Bucket(source) => {
                self.name(source.bucket.as_str(), "buckets", &[path, &["bucket"]].concat())
            }
            EventSource::Queue(source) => {
                self.name(source.queue.as_str(), "queues", &[path, &["queue"]].concat())
            }
            EventSource::Alarm(source) => {
                self.name(source.alarm.as_str(), "alarms", &[path, &["alarm"]].concat())
            }
        }
    }

    fn api(&mut self, name: &Name, api: &Api) {
        if let Some(authorization) = &api.authorization {
            self.authorization(api, authorization, &["apis", name.as_str(), "authorization"]);
        }
        for (key, route) in &api.routes {
            let path = ["apis", name.as_str(), "routes", key.as_str()];
            self.route_key(key, &path);
            match route {
                Route::Function(function) => self.name(function.as_str(), "functions", &path),
                Route::Authorized(route) => {
                    self.name(route.function.as_str(), "functions", &[&path[..], &["function"]].concat());
                    let authorization = route.authorization.as_deref().unwrap_or("none");
                    self.authorization(api, authorization, &[&path[..], &["authorization"]].concat());
                }
            }
        }
    }

    fn route_key(&mut self, key: &str, path: &[&str]) {
        if let Err(error) = RouteKey::new(key) {
            let place = Some(self.tree.key_place_of(path));
            let (subject, message) = (path.join("."), format!("{error}."));
            self.diagnostics.push(Diagnostic { code: &BAD_ROUTE, place, subject, message, help: None });
        }
    }

    fn authorization(&mut self, api: &Api, authorization: &str, path: &[&str]) {
        let known = || api.authorizers.keys().map(Name::as_str).chain(["none", "aws_iam"]);
        if !known().any(|name| name == authorization) {
            let help = did_you_mean(authorization, known())
                .or_else(|| Some("Use `none`, `aws_iam` or an authorizer of this API.".to_owned()));
            let message = format!("`{authorization}` is not an authorizer of this API.");
            self.report(&DANGLING_REFERENCE, path, message, help);
        }
    }

    fn alarm(&mut self, name: &Name, alarm: &Alarm) {
        let (section, key, subject) = match &alarm.on {
            AlarmSubject::Queue(name) => ("queues", "queue", name),
            AlarmSubject::Function(name) => ("functions", "function", name),
            AlarmSubject::Table(name) => ("tables", "table", name),
            AlarmSubject::Api(name) => ("apis", "api", name),
        };
        self.name(subject.as_str(), section, &["alarms", name.as_str(), "on", key]);
        self.names(&alarm.notify, "topics", &["alarms", name.as_str(), "notify"]);
    }
}

const SECTIONS: [&str; 7] = ["buckets", "queues", "tables", "topics", "functions", "apis", "alarms"];

const SECRET_WORDS: [&str; 6] = ["PASSWORD", "SECRET", "TOKEN", "APIKEY", "CREDENTIALS", "PASSPHRASE"];
