//! Holds the properties of a template's resource to their schema.
//!
//! Only what is sure is found. An intrinsic function may come to anything that its place takes, so that it is passed
//! over, but both branches of `Fn::If` are looked at; a mapping with a function in it may get any property from it.
//! CloudFormation takes `"5"` for 5, `"true"` for true, and numbers and truth values for texts.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::record::{Rule, Text};
use crate::resource_type::ResourceType;
use crate::schema::{Kind, Scalar, Schema};

/// Texts that stand for a truth value. The letters are YAML 1.1's, which some readers of YAML leave as texts.
const TRUTHS: [&str; 4] = ["true", "false", "y", "n"];

/// What is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// Steps from the properties down to the value: names, indexes, and `Fn::If` with the index of its branch.
    pub path: Vec<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The mapping has no property of the last step's name; those that it has.
    UnknownProperty(Vec<&'static str>),
    /// The mapping lacks a property that it must have.
    MissingProperty(&'static str),
    /// Exactly one of the properties is needed; those that are there.
    NotOneOf(Vec<&'static str>, Vec<&'static str>),
    /// At least one of the properties is needed.
    NoneOf(Vec<&'static str>),
    /// The first property needs the second, which is missing.
    MissingBeside(&'static str, &'static str),
    /// The two properties exclude each other.
    Exclusive(&'static str, &'static str),
    /// The value has another kind than the schema's.
    WrongKind(Vec<Kind>, Kind),
    /// The value is none of the enumeration.
    NotInEnumeration(Vec<Scalar>),
    /// The number is below the smallest or above the largest.
    OutOfRange(Option<f64>, Option<f64>),
    /// The text has fewer or more characters than allowed: their number, the least, the most.
    WrongLength(u64, Option<u64>, Option<u64>),
    /// The list has fewer or more elements than allowed: their number, the least, the most.
    WrongCount(u64, Option<u64>, Option<u64>),
    /// The mapping has fewer or more properties than allowed: their number, the least, the most.
    WrongSize(u64, Option<u64>, Option<u64>),
    /// The text does not match the regular expression.
    NoMatch(&'static str),
    /// The element stands in the list before.
    Repeated,
    /// None of the alternatives of the schema takes the value.
    NoAlternative,
}

impl ResourceType {
    /// Holds the properties of a resource to the schema; what is found is in the order of the properties' names.
    ///
    /// `properties` is the value of `Properties` as it stands in a template, an empty mapping for a resource without.
    #[must_use]
    pub fn violations(self, properties: &Value) -> Vec<Violation> {
        let mut walk = Walk::default();
        walk.value(self.properties(), properties);
        walk.found
    }
}

/// The function that an object stands for: its only name, or a name among others that adds to them.
fn function(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next()?;
    (object.len() == 1 && is_function(name)).then_some((name.as_str(), argument))
}

/// A name with `::` is a function: CloudFormation's own, or the directive of a tool that works before it.
fn is_function(name: &str) -> bool {
    name == "Ref" || name.contains("::")
}

fn is_no_value(value: &Value) -> bool {
    value.get("Ref").is_some_and(|it| it == "AWS::NoValue")
}

/// True when the value is there in every case.
fn is_certain(value: &Value) -> bool {
    match value.as_object().and_then(function) {
        Some(("Ref", name)) => name != "AWS::NoValue",
        Some((name, _)) => name != "Fn::If" && name != "Fn::Transform",
        None => !value.is_null(),
    }
}

/// `{{resolve:...}}` stands in the text; spaces around the word are taken.
fn is_dynamic(text: &str) -> bool {
    text.split("{{").skip(1).any(|rest| rest.trim_start().starts_with("resolve:"))
}

/// The kind of a value as it is written.
fn kind_of(value: &Value) -> Option<Kind> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(Kind::Boolean),
        Value::Number(number) if number.is_f64() => Some(Kind::Number),
        Value::Number(_) => Some(Kind::Integer),
        Value::String(_) => Some(Kind::String),
        Value::Array(_) => Some(Kind::Array),
        Value::Object(_) => Some(Kind::Object),
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_of(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::String => text_of(value).is_some(),
        Kind::Number => number_of(value).is_some(),
        Kind::Integer => number_of(value).is_some_and(|number| number.fract() == 0.0),
        Kind::Boolean => match value {
            Value::Bool(_) => true,
            Value::String(text) => TRUTHS.iter().any(|truth| text.eq_ignore_ascii_case(truth)),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
        },
        Kind::Object => value.is_object(),
        Kind::Array => value.is_array(),
    }
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    found: Vec<Violation>,
}

impl Walk {
    fn report(&mut self, problem: Problem) {
        self.found.push(Violation { path: self.path.clone(), problem });
    }

    fn below(&mut self, step: impl Into<String>, schema: Schema, value: &Value) {
        self.path.push(step.into());
        self.value(schema, value);
        self.path.pop();
    }

    fn value(&mut self, schema: Schema, value: &Value) {
        if let Some((name, argument)) = value.as_object().and_then(function) {
            if let ("Fn::If", Some([_, yes, no])) = (name, argument.as_array().map(Vec::as_slice)) {
                self.path.push(name.to_owned());
                self.below("1", schema, yes);
                self.below("2", schema, no);
                self.path.pop();
            }
            return;
        }
        // A null is another mistake; a dynamic reference comes to what another service holds.
        if value.is_null() || value.as_str().is_some_and(is_dynamic) {
            return;
        }
        let kinds: Vec<Kind> = schema.kinds().collect();
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(*kind, value)) {
            if let Some(found) = kind_of(value) {
                self.report(Problem::WrongKind(kinds, found));
            }
            return;
        }
        match value {
            Value::Object(object) => self.object(schema, object),
            Value::Array(elements) => self.list(schema, elements),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => self.scalar(schema, &kinds, value),
            Value::Null => {}
        }
        self.alternatives(schema, value);
    }

    fn alternatives(&mut self, schema: Schema, value: &Value) {
        for rule in schema.rules() {
            match rule {
                Rule::AllOf(nodes) => nodes.iter().for_each(|node| self.value(schema.at(*node), value)),
                Rule::AnyOf(nodes) | Rule::OneOf(nodes) => {
                    let takes = |node: &u32| {
                        let mut walk = Self::default();
                        walk.value(schema.at(*node), value);
                        walk.found.is_empty()
                    };
                    if !nodes.iter().any(takes) {
                        self.report(Problem::NoAlternative);
                    }
                }
                _ => {}
            }
        }
    }

    fn scalar(&mut self, schema: Schema, kinds: &[Kind], value: &Value) {
        let text = text_of(value).unwrap_or_default();
        let is_number = kinds.iter().any(|kind| matches!(kind, Kind::Integer | Kind::Number));
        let number = number_of(value).filter(|_| is_number);
        let is_same = |scalar: Scalar, ignore_case: bool| match scalar {
            Scalar::Text(it) => it == text || (ignore_case && it.eq_ignore_ascii_case(&text)),
            Scalar::Number(it) => number_of(value) == Some(it),
            Scalar::Boolean(it) => it.to_string().eq_ignore_ascii_case(&text),
        };
        for rule in schema.rules() {
            let problem = match rule {
                Rule::Enum(values) if !values.iter().any(|it| is_same(schema.scalar(it), false)) => {
                    Some(Problem::NotInEnumeration(schema.enumeration().collect()))
                }
                Rule::EnumCaseInsensitive(values)
                    if !values.iter().any(|it| is_same(schema.scalar(it), true)) =>
                {
                    Some(Problem::NotInEnumeration(schema.enumeration().collect()))
                }
                Rule::Pattern(pattern) if kinds == [Kind::String] && is_no_match(schema, *pattern, &text) => {
                    Some(Problem::NoMatch(schema.text(*pattern)))
                }
                _ => None,
            };
            if let Some(problem) = problem {
                self.report(problem);
            }
        }
        if let Some(number) = number {
            let (least, most) = (schema.minimum(), schema.maximum());
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                self.report(Problem::OutOfRange(least, most));
            }
        }
        if kinds == [Kind::String] {
            let length = text.chars().count() as u64;
            let (least, most) = (schema.min_length(), schema.max_length());
            if is_outside(length, length, least, most) {
                self.report(Problem::WrongLength(length, least, most));
            }
        }
    }

    fn list(&mut self, schema: Schema, elements: &[Value]) {
        let first = schema.rules().iter().find_map(|rule| match rule {
            Rule::PrefixItems(nodes) => Some(nodes.as_slice()),
            _ => None,
        });
        for (index, element) in elements.iter().enumerate() {
            let prefix = first.unwrap_or_default().get(index).map(|node| schema.at(*node));
            if let Some(schema) = prefix.or_else(|| schema.items()) {
                self.below(index.to_string(), schema, element);
            }
        }
        // A function may come to no element (`AWS::NoValue`), or to several (`Fn::Transform`).
        let certain = elements.iter().filter(|it| is_certain(it)).count() as u64;
        let is_open = elements.iter().any(|it| it.get("Fn::Transform").is_some());
        let most_there = if is_open { u64::MAX } else { elements.len() as u64 };
        let (least, most) = (schema.min_items(), schema.max_items());
        if is_outside(certain, most_there, least, most) {
            self.report(Problem::WrongCount(elements.len() as u64, least, most));
        }
        if schema.rules().contains(&Rule::UniqueItems) {
            let mut seen = BTreeSet::new();
            for (index, element) in elements.iter().enumerate() {
                if is_certain(element) && !seen.insert(element.to_string()) {
                    self.path.push(index.to_string());
                    self.report(Problem::Repeated);
                    self.path.pop();
                }
            }
        }
    }

    fn object(&mut self, schema: Schema, object: &Map<String, Value>) {
        let is_open = object.keys().any(|name| name.starts_with("Fn::"));
        let named: HashMap<&str, Schema> =
            schema.members().map(|(name, member)| (name, member.schema)).collect();
        for (name, value) in object.iter().filter(|(name, _)| !name.starts_with("Fn::")) {
            match named.get(name.as_str()).copied().or_else(|| other_property(schema, name)) {
                Some(schema) => self.below(name.as_str(), schema, value),
                None if schema.is_closed() && !matches_any(schema, name) => {
                    self.path.push(name.clone());
                    self.report(Problem::UnknownProperty(schema.members().map(|(name, _)| name).collect()));
                    self.path.pop();
                }
                None => {}
            }
        }
        let may_be = |name: &str| object.get(name).is_some_and(|it| !it.is_null() && !is_no_value(it));
        let is_there = |name: &str| object.get(name).is_some_and(is_certain);
        for rule in schema.rules() {
            let names = |names: &'static [Text]| names.iter().map(move |it| schema.text(*it));
            match rule {
                Rule::Required(required) if !is_open => {
                    for name in names(required).filter(|name| !may_be(name)) {
                        self.report(Problem::MissingProperty(name));
                    }
                }
                Rule::RequiredOr(any) if !is_open && !names(any).any(may_be) => {
                    self.report(Problem::NoneOf(names(any).collect()));
                }
                Rule::RequiredXor(one) => {
                    let there: Vec<_> = names(one).filter(|name| is_there(name)).collect();
                    if there.len() > 1 || (!is_open && !names(one).any(may_be)) {
                        self.report(Problem::NotOneOf(names(one).collect(), there));
                    }
                }
                Rule::DependentRequired(groups) if !is_open => {
                    for (name, others) in groups {
                        let name = schema.text(*name);
                        for other in names(others).filter(|other| is_there(name) && !may_be(other)) {
                            self.report(Problem::MissingBeside(name, other));
                        }
                    }
                }
                Rule::DependentExcluded(groups) => {
                    for (name, others) in groups {
                        let name = schema.text(*name);
                        for other in names(others).filter(|other| is_there(name) && is_there(other)) {
                            // Both may exclude each other; it is said once.
                            let told = Problem::Exclusive(other, name);
                            if !self.found.iter().any(|it| it.path == self.path && it.problem == told) {
                                self.report(Problem::Exclusive(name, other));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let size = |rule: &Rule| match rule {
            Rule::MinProperties(least) => Some((Some(*least), None)),
            Rule::MaxProperties(most) => Some((None, Some(*most))),
            _ => None,
        };
        let certain = object.values().filter(|it| is_certain(it)).count() as u64;
        let most_there = if is_open { u64::MAX } else { object.len() as u64 };
        for (least, most) in schema.rules().iter().filter_map(size) {
            if is_outside(certain, most_there, least, most) {
                self.report(Problem::WrongSize(object.len() as u64, least, most));
            }
        }
    }
}

/// True when a number that is at least `certain` and at most `possible` lies outside the bounds for sure.
fn is_outside(certain: u64, possible: u64, least: Option<u64>, most: Option<u64>) -> bool {
    least.is_some_and(|least| possible < least) || most.is_some_and(|most| certain > most)
}

/// The schema of a property that is not named: by a pattern of its name, or of any other.
fn other_property(schema: Schema, name: &str) -> Option<Schema> {
    let other = |rule: &Rule| match rule {
        Rule::PatternProperties(patterns) => {
            let found =
                patterns.iter().find(|(pattern, _)| is_match(schema.text(*pattern), name) == Some(true));
            found.map(|(_, node)| schema.at(*node))
        }
        Rule::OtherProperties(node) => Some(schema.at(*node)),
        _ => None,
    };
    schema.rules().iter().find_map(other)
}

/// True when a pattern of names may take the name.
fn matches_any(schema: Schema, name: &str) -> bool {
    let mut patterns = schema.rules().iter().filter_map(|rule| match rule {
        Rule::PatternProperties(patterns) => Some(patterns),
        _ => None,
    });
    // A name with a function's variable is known when the template is deployed.
    patterns.any(|list| {
        list.iter()
            .any(|(pattern, _)| name.contains("${") || is_match(schema.text(*pattern), name) != Some(false))
    })
}

/// Patterns are written for engines that differ in what a letter outside ASCII is, and in whether `$` stands before a
/// last line break.
fn is_no_match(schema: Schema, pattern: Text, text: &str) -> bool {
    text.is_ascii() && !text.contains('\n') && is_match(schema.text(pattern), text) == Some(false)
}

/// Whether a text matches a pattern; `None` when the pattern uses what the engine lacks, such as looking around.
fn is_match(pattern: &'static str, text: &str) -> Option<bool> {
    thread_local! {
        static COMPILED: RefCell<HashMap<&'static str, Option<Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let regex = compiled.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        regex.as_ref().map(|regex| regex.is_match(text))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource_type;

    fn found(name: &str, properties: Value) -> Vec<(String, Problem)> {
        let kind = resource_type(name).expect("a known type");
        kind.violations(&properties).into_iter().map(|it| (it.path.join("."), it.problem)).collect()
    }

    fn queue(properties: Value) -> Vec<(String, Problem)> {
        found("AWS::SQS::Queue", properties)
    }

    #[test]
    fn numbers_and_truth_values_may_be_texts_and_texts_numbers() {
        assert_eq!(queue(json!({"DelaySeconds": "5", "FifoQueue": "true", "QueueName": 7})), []);
        assert_eq!(queue(json!({"FifoQueue": "y"})), []);
        let wrong = queue(json!({"DelaySeconds": "five"}));
        assert_eq!(
            wrong,
            [("DelaySeconds".to_owned(), Problem::WrongKind(vec![Kind::Integer], Kind::String))]
        );
        assert_eq!(queue(json!({"DelaySeconds": 1.5})).len(), 1);
        assert_eq!(queue(json!({"FifoQueue": "yes"})).len(), 1);
    }

    #[test]
    fn number_outside_the_range_is_found_also_as_a_text() {
        let expected = |path: &str| [(path.to_owned(), Problem::OutOfRange(Some(0.0), Some(900.0)))];
        assert_eq!(queue(json!({"DelaySeconds": 901})), expected("DelaySeconds"));
        assert_eq!(queue(json!({"DelaySeconds": "901"})), expected("DelaySeconds"));
    }

    #[test]
    fn intrinsic_functions_are_passed_over_and_branches_are_not() {
        let value = json!({"Fn::If": ["IsProd", 901, {"Ref": "AWS::NoValue"}]});
        let expected = [("DelaySeconds.Fn::If.1".to_owned(), Problem::OutOfRange(Some(0.0), Some(900.0)))];
        assert_eq!(queue(json!({ "DelaySeconds": value })), expected);
        assert_eq!(queue(json!({"DelaySeconds": {"Ref": "Delay"}, "QueueName": {"Fn::Sub": "${A}"}})), []);
        assert_eq!(queue(json!({"DelaySeconds": "{{resolve:ssm:delay}}"})), []);
        assert_eq!(queue(json!({"Fn::Transform": {"Name": "Any"}, "DelaySeconds": 1})), []);
    }

    #[test]
    fn unknown_property_is_found_at_every_depth() {
        let wrong = queue(json!({"DelaySecond": 1, "Tags": [{"Key": "a", "Value": "b", "Colour": "c"}]}));
        let paths: Vec<_> = wrong.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["DelaySecond", "Tags.0.Colour"]);
    }

    #[test]
    fn missing_property_is_not_missing_under_a_condition_or_a_transform() {
        let role = |properties: Value| found("AWS::IAM::Role", properties);
        assert_eq!(
            role(json!({"Path": "/"})),
            [(String::new(), Problem::MissingProperty("AssumeRolePolicyDocument"))]
        );
        assert_eq!(role(json!({"AssumeRolePolicyDocument": {"Fn::If": ["A", {}, {}]}})), []);
        assert_eq!(role(json!({"Fn::Transform": {"Name": "Any"}})), []);
        let gone = json!({"AssumeRolePolicyDocument": {"Ref": "AWS::NoValue"}});
        assert_eq!(role(gone).len(), 1);
    }

    #[test]
    fn enumeration_is_exact() {
        let tracing = |mode: &str| {
            found(
                "AWS::Lambda::Function",
                json!({"Code": {"ZipFile": "x"}, "Role": "arn:aws:iam::111122223333:role/r", "TracingConfig": {"Mode": mode}}),
            )
        };
        assert_eq!(tracing("Active"), []);
        let expected = Problem::NotInEnumeration(vec![Scalar::Text("Active"), Scalar::Text("PassThrough")]);
        assert_eq!(tracing("active"), [("TracingConfig.Mode".to_owned(), expected)]);
    }

    #[test]
    fn list_with_a_conditional_element_is_counted_with_care() {
        let rule = |targets: Value| {
            found("AWS::Events::Rule", json!({"ScheduleExpression": "rate(1 day)", "Targets": targets}))
        };
        let target = |id: &str| json!({"Id": id, "Arn": "arn:aws:sqs:eu-west-1:111122223333:q"});
        assert_eq!(rule(json!([target("a"), target("b")])), []);
        let repeated = rule(json!([target("a"), target("a")]));
        assert_eq!(repeated, [("Targets.1".to_owned(), Problem::Repeated)]);
        let under = json!({"Fn::If": ["A", target("a"), {"Ref": "AWS::NoValue"}]});
        assert_eq!(rule(json!([under, under])), []);
    }
}
