//! The most that a role of the stack may ever do: its permissions boundary.
//!
//! Who may make roles may give them any permission, and with a function that takes on such a role reach everything.
//! So roles are made under a boundary only, which allows what the template's own roles are granted in all. It belongs
//! to the stack of the deployer's roles, where nobody who deploys can change it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::permission::document::Statement;
use crate::permission::execution::{ByType, Named, Subject, arns_of, by_type, many, name_of};
use crate::permission::handler::handlers;
use crate::permission::name::known;
use crate::permission::place::Place;

/// What the boundary allows, and what could not be derived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boundary {
    /// The grants of all roles of the template.
    pub statements: Vec<Statement>,
    /// Roles with managed policies, whose content is not in the template: the boundary takes away what they grant.
    pub roles_with_managed_policies: BTreeSet<String>,
}

/// Types that hold policies of roles: a list of them as `Policies`, or one as `PolicyDocument`.
const POLICIES: [&str; 4] =
    ["AWS::IAM::Role", "AWS::IAM::RolePolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"];

/// Derives the boundary from what the template's roles are granted.
#[must_use]
pub fn boundary(subject: Subject<'_>) -> Boundary {
    let by_type = by_type(subject.template);
    let names = Names { by_type: &by_type, subject };
    let mut statements = Vec::new();
    for resource_type in POLICIES {
        for (logical_id, properties) in by_type.get(resource_type).into_iter().flatten() {
            let policies = many(properties.get("Policies")).into_iter();
            let documents = policies.filter_map(|policy| policy.get("PolicyDocument"));
            for document in documents.chain(properties.get("PolicyDocument")) {
                let granted = many(document.get("Statement"))
                    .into_iter()
                    .filter_map(|statement| names.granted(statement));
                // Statement IDs are unique in a policy, and templates give none or the same.
                let first = statements.len() + 1;
                statements.extend(granted.enumerate().map(|(index, statement)| Statement {
                    sid: format!("{logical_id}{}", first + index),
                    ..statement
                }));
            }
        }
    }
    let roles = by_type.get("AWS::IAM::Role").into_iter().flatten();
    let managed = roles.filter(|(_, properties)| properties.contains_key("ManagedPolicyArns"));
    let roles_with_managed_policies = managed.map(|(logical_id, _)| (*logical_id).to_owned()).collect();
    Boundary { statements, roles_with_managed_policies }
}

/// What the template's names come to.
struct Names<'a> {
    by_type: &'a ByType<'a>,
    subject: Subject<'a>,
}

impl Names<'_> {
    /// What a statement allows; conditions are left to the role's own policy, and what is not allowed by its actions
    /// but by those it leaves out bounds nothing.
    fn granted(&self, statement: &Value) -> Option<Statement> {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        let actions: BTreeSet<String> =
            many(statement.get("Action")).into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let resources: BTreeSet<String> = many(statement.get("Resource"))
            .into_iter()
            .flat_map(|resource| self.patterns(resource))
            .collect();
        (allows && !actions.is_empty() && !resources.is_empty()).then(|| Statement {
            sid: String::new(),
            actions,
            resources,
            condition: Value::Null,
            everywhere_because: None,
        })
    }

    /// The patterns that a value may come to.
    fn patterns(&self, value: &Value) -> BTreeSet<String> {
        let Some(object) = value.as_object() else {
            return value.as_str().map(|text| self.substituted(text, None)).unwrap_or_default();
        };
        let Some((function, argument)) = object.iter().next() else { return BTreeSet::new() };
        match (function.as_str(), argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Fn::GetAtt", Value::String(path)) => self.attribute(path),
            ("Fn::GetAtt", Value::Array(parts)) => {
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                self.attribute(&parts.join("."))
            }
            ("Fn::Sub", Value::String(text)) => self.substituted(text, None),
            ("Fn::Sub", Value::Array(parts)) => {
                let own = parts.get(1).and_then(Value::as_object);
                parts
                    .first()
                    .and_then(Value::as_str)
                    .map(|text| self.substituted(text, own))
                    .unwrap_or_default()
            }
            ("Fn::If", Value::Array(parts)) => {
                parts.iter().skip(1).flat_map(|part| self.patterns(part)).collect()
            }
            ("Fn::Join", Value::Array(parts)) => self.joined(parts),
            _ => anything(),
        }
    }

    fn joined(&self, parts: &[Value]) -> BTreeSet<String> {
        let [Value::String(between), Value::Array(items)] = parts else { return anything() };
        let mut texts = BTreeSet::from([String::new()]);
        for (index, item) in items.iter().enumerate() {
            let between = if index == 0 { "" } else { between };
            texts = product(&texts, between, &self.patterns(item));
        }
        texts
    }

    fn substituted(&self, text: &str, own: Option<&Map<String, Value>>) -> BTreeSet<String> {
        let mut texts = BTreeSet::from([String::new()]);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let values = match own.and_then(|own| own.get(name)) {
                Some(value) => self.patterns(value),
                None if name.contains('.') => self.attribute(name),
                None => self.reference(name),
            };
            texts = product(&texts, before, &values);
            rest = behind;
        }
        product(&texts, rest, &BTreeSet::from([String::new()]))
    }

    /// What `Ref` gives: a pseudo parameter, or a resource's name, which for some types is its ARN.
    fn reference(&self, name: &str) -> BTreeSet<String> {
        if name == "AWS::NoValue" {
            return BTreeSet::new();
        }
        if name.starts_with("AWS::") {
            return [known(name, self.subject.stack, self.place()).to_owned()].into();
        }
        match self.named(name) {
            // The name stands in the ARN, which is what their `Ref` is.
            Some(named) if matches!(named.resource_type, "AWS::SNS::Topic" | "AWS::IAM::ManagedPolicy") => {
                arns_of(&named, self.subject)
            }
            Some(named) if named.table.name.is_some() => name_of(&named, self.subject),
            _ => anything(),
        }
    }

    /// What `Fn::GetAtt` gives: the ARN, as far as attributes are known here.
    fn attribute(&self, path: &str) -> BTreeSet<String> {
        let Some((name, attribute)) = path.split_once('.') else { return anything() };
        let is_arn = attribute == "Arn" || attribute.ends_with("Arn");
        match self.named(name) {
            Some(named) if is_arn => arns_of(&named, self.subject),
            _ => anything(),
        }
    }

    fn named(&self, name: &str) -> Option<Named<'_>> {
        self.by_type.iter().find_map(|(resource_type, resources)| {
            let (logical_id, properties) = resources.iter().find(|(logical_id, _)| *logical_id == name)?;
            Some(Named { resource_type, table: handlers(resource_type)?, logical_id, properties })
        })
    }

    fn place(&self) -> &Place {
        self.subject.place
    }
}

fn anything() -> BTreeSet<String> {
    ["*".to_owned()].into()
}

fn product(starts: &BTreeSet<String>, between: &str, ends: &BTreeSet<String>) -> BTreeSet<String> {
    starts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{between}{end}"))).collect()
}
