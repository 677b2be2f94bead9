//! Holds a tree against the spec's schema: every mistake is reported with its place, and what is
//! sound goes on, so that one reading shows all that is wrong.
//!
//! Only the keywords of JSON Schema that [`super::schema`] produces are understood; a test holds
//! the two together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::Regex;
use serde_json::Value;
use stack_model::diagnostic::Code;

use super::file::NameRule;
use super::nearest::did_you_mean;
use super::place::Place;
use super::yaml::{Entry, Node, Yaml, excerpt, shortened};
use crate::diagnostic::{Diagnostic, MISSING_KEY, UNKNOWN_KEY, VALUE_NOT_ALLOWED, WRONG_TYPE};

/// Checks `node` against `schema` and returns its sound part, with what is wrong of the rest.
#[must_use]
pub fn check(node: &Node, schema: &Value) -> (Option<Node>, Vec<Diagnostic>) {
    let mut checker = Checker { root: schema, diagnostics: Vec::new() };
    let sound = checker.node(node, schema, &Path::root(node.place));
    (sound, checker.diagnostics)
}

/// Where the checker is: the keys from the root, and the place of the last of them.
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    key: &'a str,
    place: Place,
}

impl<'a> Path<'a> {
    fn root(place: Place) -> Self {
        Self { parent: None, key: "", place }
    }

    fn child(&'a self, key: &'a str, place: Place) -> Self {
        Self { parent: Some(self), key, place }
    }

    fn text(&self) -> String {
        match self.parent {
            None => String::new(),
            Some(parent) if parent.parent.is_none() => self.key.to_owned(),
            Some(parent) => format!("{}.{}", parent.text(), self.key),
        }
    }
}

struct Checker<'s> {
    root: &'s Value,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> Checker<'s> {
    fn report(
        &mut self,
        code: &'static Code,
        place: Place,
        path: &Path<'_>,
        message: String,
        help: Option<String>,
    ) {
        self.diagnostics.push(Diagnostic { code, place: Some(place), subject: path.text(), message, help });
    }

    fn node(&mut self, node: &Node, schema: &'s Value, path: &Path<'_>) -> Option<Node> {
        let branches = self.branches(schema);
        if node.value == Yaml::Null {
            return self.absent(node, &branches, schema, path);
        }
        let allowed: Vec<&'s Value> = branches.iter().filter_map(|branch| branch.get("const")).collect();
        if !allowed.is_empty()
            && allowed.len() == branches.iter().filter(|branch| !takes(branch, "null")).count()
        {
            return self.one_of(node, &allowed, path);
        }
        match &node.value {
            Yaml::Mapping(_) => self.mapping(node, &branches, schema, path),
            _ => self.scalar_or_list(node, &branches, schema, path),
        }
    }

    /// Resolves references and alternatives to the list of plain schemas a value may follow.
    fn branches(&self, schema: &'s Value) -> Vec<&'s Value> {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap_or(target);
            return self.root.pointer(pointer).map_or_else(Vec::new, |target| self.branches(target));
        }
        match schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            Some(items) => items.iter().flat_map(|item| self.branches(item)).collect(),
            None => vec![schema],
        }
    }

    /// `key:` with nothing behind it is the empty mapping where one may stand, otherwise no value.
    fn absent(
        &mut self,
        node: &Node,
        branches: &[&'s Value],
        schema: &'s Value,
        path: &Path<'_>,
    ) -> Option<Node> {
        if branches.iter().any(|branch| takes(branch, "null")) {
            return None;
        }
        if branches.iter().any(|branch| takes(branch, "object")) {
            let empty = Node { value: Yaml::Mapping(Vec::new()), place: node.place };
            return self.mapping(&empty, branches, schema, path);
        }
        self.wrong_type(node, branches, schema, path);
        None
    }

    fn one_of(&mut self, node: &Node, allowed: &[&Value], path: &Path<'_>) -> Option<Node> {
        let value = node.to_json();
        if allowed.contains(&&value) {
            return Some(node.clone());
        }
        let names: Vec<&str> = allowed.iter().filter_map(|value| value.as_str()).collect();
        let message = format!("`{}` is not one of {}.", excerpt(node), quoted(&names));
        self.report(&VALUE_NOT_ALLOWED, node.place, path, message, did_you_mean(&excerpt(node), names));
        None
    }

    fn mapping(
        &mut self,
        node: &Node,
        branches: &[&'s Value],
        schema: &'s Value,
        path: &Path<'_>,
    ) -> Option<Node> {
        let forms: Vec<&'s Value> =
            branches.iter().copied().filter(|branch| takes(branch, "object")).collect();
        let Some(best) = forms.iter().max_by_key(|form| fitness(node, form)) else {
            self.wrong_type(node, branches, schema, path);
            return None;
        };
        if forms.len() > 1 && fitness(node, best) == (0, 0) {
            let shapes: Vec<String> =
                forms.iter().map(|form| format!("{{{}}}", required(form).join(", "))).collect();
            let message =
                format!("Expected one of the forms {}, found {}.", shapes.join(", "), excerpt(node));
            let known = forms.iter().flat_map(|form| property_names(form));
            let first = node.entries().first().map_or("", |entry| entry.key.as_str());
            self.report(&VALUE_NOT_ALLOWED, node.place, path, message, did_you_mean(first, known));
            return None;
        }
        self.object(node, best, path)
    }

    fn object(&mut self, node: &Node, form: &'s Value, path: &Path<'_>) -> Option<Node> {
        let mut sound = Vec::new();
        for entry in node.entries() {
            let child = path.child(&entry.key, entry.key_place);
            let Some(schema) = self.schema_of(form, entry, &child) else { continue };
            let value = match schema {
                Value::Bool(_) => Some(entry.value.clone()),
                schema => self.node(&entry.value, schema, &child),
            };
            sound.extend(value.map(|value| Entry { value, ..entry.clone() }));
        }
        let mut whole = true;
        for key in required(form) {
            if node.entry(key).is_none() {
                let message = format!("`{key}` is missing.");
                self.report(&MISSING_KEY, path.place, path, message, describe(form, key));
            }
            // The file as a whole goes on without its name, so that the rest is looked at.
            whole &= path.parent.is_none() || sound.iter().any(|entry| entry.key == key);
        }
        whole.then_some(Node { value: Yaml::Mapping(sound), place: node.place })
    }

    /// Finds the schema of a key's value; reports a key that has none.
    fn schema_of(&mut self, form: &'s Value, entry: &Entry, path: &Path<'_>) -> Option<&'s Value> {
        if let Some(schema) = form.get("properties").and_then(|properties| properties.get(&entry.key)) {
            return Some(schema);
        }
        let patterns = form.get("patternProperties").and_then(Value::as_object);
        if let Some((pattern, schema)) = patterns.and_then(|patterns| patterns.iter().next()) {
            if matches(pattern, &entry.key) {
                return Some(schema);
            }
            let (message, help) = misshapen(&entry.key, pattern);
            self.report(&VALUE_NOT_ALLOWED, entry.key_place, path, message, help);
            return None;
        }
        match form.get("additionalProperties") {
            Some(Value::Bool(false)) => {
                let known: Vec<&str> = property_names(form).collect();
                let help = did_you_mean(&entry.key, known.iter().copied())
                    .or_else(|| Some(format!("The keys here are {}.", quoted(&known))));
                self.report(
                    &UNKNOWN_KEY,
                    entry.key_place,
                    path,
                    format!("Unknown key `{}`.", entry.key),
                    help,
                );
                None
            }
            Some(schema) => Some(schema),
            None => Some(&Value::Bool(true)),
        }
    }

    fn scalar_or_list(
        &mut self,
        node: &Node,
        branches: &[&'s Value],
        schema: &'s Value,
        path: &Path<'_>,
    ) -> Option<Node> {
        let of_type = |node: &Node| -> Vec<&'s Value> {
            let is_fit = |branch: &&'s Value| json_types(node).iter().any(|name| takes(branch, name));
            branches.iter().copied().filter(is_fit).collect()
        };
        let mut fitting = of_type(node);
        // A text that looks like a number is a text where one is wanted, and where nothing else is.
        let as_text = node.text().map(|text| Node { value: Yaml::String(text.to_owned()), ..node.clone() });
        let texts = as_text.as_ref().map(of_type).unwrap_or_default();
        let is_wanted = |branch: &&Value| !type_names(branch).is_empty() && branch.get("pattern").is_none();
        let written = node;
        let node = match &as_text {
            Some(text) if fitting.is_empty() || texts.iter().any(is_wanted) => {
                fitting = texts;
                text
            }
            _ => node,
        };
        if fitting.is_empty() {
            self.wrong_type(written, branches, schema, path);
            return None;
        }
        if let Yaml::Sequence(items) = &node.value {
            return Some(self.list(node, items, fitting[0], path));
        }
        let mistakes: Vec<_> = fitting.iter().map_while(|branch| limit_broken(node, branch)).collect();
        if mistakes.len() < fitting.len() {
            return Some(as_wanted(node, &fitting));
        }
        let (messages, helps): (Vec<String>, Vec<Option<String>>) = mistakes.into_iter().unzip();
        let help = (branches.len() > 1).then(|| description(self.root, schema)).flatten();
        let help = helps.into_iter().flatten().next().or(help);
        self.report(&VALUE_NOT_ALLOWED, node.place, path, messages.concat(), help);
        None
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &'s Value, path: &Path<'_>) -> Node {
        let mut sound = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let index = index.to_string();
            let child = path.child(&index, item.place);
            match schema.get("items") {
                Some(schema) => sound.extend(self.node(item, schema, &child)),
                None => sound.push(item.clone()),
            }
        }
        Node { value: Yaml::Sequence(sound), place: node.place }
    }

    fn wrong_type(&mut self, node: &Node, branches: &[&'s Value], schema: &'s Value, path: &Path<'_>) {
        let mut expected: Vec<&str> =
            branches.iter().flat_map(|branch| type_names(branch)).filter(|name| *name != "null").collect();
        expected.dedup();
        let names: Vec<&str> = expected.iter().map(|name| in_yaml_words(name)).collect();
        let message = match &node.value {
            Yaml::Null => format!("Expected {}, found nothing.", names.join(" or ")),
            _ => format!("Expected {}, found {} `{}`.", names.join(" or "), node.type_name(), excerpt(node)),
        };
        let quotable =
            expected.contains(&"string") && matches!(node.value, Yaml::Number { .. } | Yaml::Bool { .. });
        let help = if quotable {
            Some(format!("Quote it: `\"{}\"`.", excerpt(node)))
        } else {
            (branches.len() > 1).then(|| description(self.root, schema)).flatten()
        };
        self.report(&WRONG_TYPE, node.place, path, message, help);
    }
}

/// A number that is wanted as one is written as JSON does, whatever its text.
fn as_wanted(node: &Node, fitting: &[&Value]) -> Node {
    let wants_number =
        fitting.iter().flat_map(|branch| type_names(branch)).any(|name| matches!(name, "integer" | "number"));
    match &node.value {
        Yaml::Number { number, .. } if wants_number => {
            let value = Yaml::Number { number: number.clone(), text: number.to_string() };
            Node { value, place: node.place }
        }
        _ => node.clone(),
    }
}

/// How well a mapping fits a form: required keys present, then keys known.
fn fitness(node: &Node, form: &Value) -> (usize, usize) {
    let present = required(form).iter().filter(|key| node.entry(key).is_some()).count();
    let known =
        node.entries().iter().filter(|entry| property_names(form).any(|name| name == entry.key)).count();
    (present, known)
}

fn required(form: &Value) -> Vec<&str> {
    form.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn property_names(form: &Value) -> impl Iterator<Item = &str> {
    form.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str())
}

fn type_names(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// True when a schema takes values of a type; one that names no type takes all but null.
fn takes(schema: &Value, name: &str) -> bool {
    let names = type_names(schema);
    if names.is_empty() { name != "null" } else { names.contains(&name) }
}

fn json_types(node: &Node) -> &'static [&'static str] {
    match node.type_name() {
        "integer" => &["integer", "number"],
        "number" => &["number"],
        "boolean" => &["boolean"],
        "string" => &["string"],
        "list" => &["array"],
        "mapping" => &["object"],
        _ => &["null"],
    }
}

fn in_yaml_words(name: &str) -> &str {
    match name {
        "array" => "list",
        "object" => "mapping",
        other => other,
    }
}

/// Says which limit of `schema` the scalar breaks, if any, and what to write instead where that is known.
fn limit_broken(node: &Node, schema: &Value) -> Option<(String, Option<String>)> {
    match &node.value {
        Yaml::String(text) => {
            let length = text.chars().count() as u64;
            if let Some(pattern) =
                schema.get("pattern").and_then(Value::as_str).filter(|pattern| !matches(pattern, text))
            {
                return Some(misshapen(text, pattern));
            }
            let most = schema.get("maxLength").and_then(Value::as_u64)?;
            (length > most).then(|| (format!("{length} characters are more than {most}."), None))
        }
        Yaml::Number { number, .. } => {
            let value = number.as_f64()?;
            let least = schema.get("minimum").and_then(Value::as_f64);
            let most = schema.get("maximum").and_then(Value::as_f64);
            let low =
                least.filter(|least| value < *least).map(|least| format!("`{number}` is less than {least}."));
            let broken = low.or_else(|| {
                most.filter(|most| value > *most).map(|most| format!("`{number}` is more than {most}."))
            });
            broken.map(|message| (message, None))
        }
        _ => None,
    }
}

/// Says how a text misses a pattern, and which name would do where the pattern is that of names.
fn misshapen(text: &str, pattern: &str) -> (String, Option<String>) {
    let shown = shortened(text);
    match NameRule::of(pattern) {
        Some(rule) => {
            let message = format!("`{shown}` is not a {}: {}.", rule.what, rule.words);
            (message, rule.nearest(text).map(|name| format!("Write `{name}`.")))
        }
        None => (format!("`{shown}` does not match `{pattern}`."), None),
    }
}

/// Patterns of the schema, of which there are few, and many texts for each; `None` is no pattern.
static PATTERNS: Mutex<BTreeMap<String, Option<Arc<Regex>>>> = Mutex::new(BTreeMap::new());

fn matches(pattern: &str, text: &str) -> bool {
    compiled(pattern).is_some_and(|pattern| pattern.is_match(text))
}

fn compiled(pattern: &str) -> Option<Arc<Regex>> {
    let mut known = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(compiled) = known.get(pattern) {
        return compiled.clone();
    }
    let compiled = Regex::new(pattern).ok().map(Arc::new);
    known.insert(pattern.to_owned(), compiled.clone());
    compiled
}

fn describe(form: &Value, key: &str) -> Option<String> {
    let text = form.get("properties")?.get(key)?.get("description")?.as_str()?;
    Some(first_sentence(text))
}

fn description(root: &Value, schema: &Value) -> Option<String> {
    let target = schema.get("$ref").and_then(Value::as_str).map(|target| target.trim_start_matches('#'));
    let inner = schema.get("anyOf").and_then(|items| items.get(0)).and_then(|item| item.get("$ref"));
    let inner = inner.and_then(Value::as_str).map(|target| target.trim_start_matches('#'));
    let described = target.or(inner).and_then(|pointer| root.pointer(pointer)).unwrap_or(schema);
    Some(first_sentence(described.get("description")?.as_str()?))
}

fn first_sentence(text: &str) -> String {
    let sentence = text.split(". ").next().unwrap_or(text).replace('\n', " ");
    format!("{}.", sentence.trim_end_matches('.'))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
