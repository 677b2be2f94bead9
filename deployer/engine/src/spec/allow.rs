//! Findings that the author of a file accepts, each with a reason: `allow` in a spec, and
//! `Metadata: { pipectl: { allow: [...] } }` in a template.

use std::collections::BTreeSet;

use regex_lite::Regex;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;

use super::nearest::did_you_mean;
use super::place::Place;
use super::shape;
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, NOT_ALLOWABLE, UNUSED_ALLOWANCE, explain};
use stack_model::diagnostic::Severity;

/// A finding that is accepted, with the reason.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// Code of the warning, such as `W3020`. An error cannot be allowed.
    pub code: String,
    /// Logical ID of the resource that the warning is about, or the path of the key, such as
    /// `functions.worker`. `*` stands for any text and `?` for any character. Default: any.
    pub resource: Option<String>,
    /// Why it is accepted, for the next reader.
    #[schemars(regex(pattern = r"\S"))]
    pub because: String,
}

/// An entry of an `allow` list.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// What is allowed.
    pub allowed: Allowed,
    /// Where it stands.
    pub place: Place,
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Why it is accepted.
    pub because: String,
    /// Where that stands.
    pub place: Place,
}

/// Returns the entries of a list, with their places below `path`.
pub(super) fn placed(allowed: &[Allowed], tree: &Node, path: &[&str]) -> Vec<Allowance> {
    let entries = allowed.iter().enumerate().map(|(index, allowed)| {
        let index = index.to_string();
        let place = tree.place_of(&[path, &[index.as_str()]].concat());
        Allowance { allowed: allowed.clone(), place }
    });
    entries.collect()
}

/// Reads the entries of a template's metadata, with what is wrong about their form.
pub(crate) fn of_template(tree: &Node) -> (Vec<Allowance>, Vec<Diagnostic>) {
    let path = ["Metadata", "pipectl", "allow"];
    let list = path.iter().try_fold(tree, |node, key| Some(&node.entry(key)?.value));
    let Some(list) = list else { return (Vec::new(), Vec::new()) };
    let (sound, found) = shape::check(list, schema_for!(Vec<Allowed>).as_value());
    let allowed: Vec<Allowed> =
        sound.and_then(|sound| serde_json::from_value(sound.to_json()).ok()).unwrap_or_default();
    let allowances = placed(&allowed, tree, &path);
    let wrong = allowances.iter().filter_map(wrong);
    let found = found.into_iter().chain(wrong).collect();
    (allowances, found)
}

/// Says what is wrong about an entry: only what may be accepted has a code that can be named.
pub(super) fn wrong(allowance: &Allowance) -> Option<Diagnostic> {
    let Allowance { allowed: Allowed { code, .. }, place } = allowance;
    let (message, help) = match explain(code) {
        Some(known) if known.severity() != Severity::Error => return None,
        Some(known) => (
            format!("`{code}` is an error and cannot be allowed: {}.", known.title),
            "Mend what it finds. Warnings alone can be allowed.",
        ),
        None => (
            format!("There is no code `{code}`."),
            "A code is printed with each finding, and `check --explain list` lists them all.",
        ),
    };
    let (place, help) = (Some(*place), Some(help.to_owned()));
    Some(Diagnostic { code: &NOT_ALLOWABLE, place, subject: "allow".to_owned(), message, help })
}

/// Sets apart what is accepted.
#[must_use]
pub fn acknowledge(allowances: &[Allowance], found: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Acknowledged>) {
    let (mut left, mut acknowledged) = (Vec::new(), Vec::new());
    for diagnostic in found {
        let entry = allowances.iter().find(|it| !diagnostic.is_error() && it.allowed.covers(&diagnostic));
        match entry {
            None => left.push(diagnostic),
            Some(Allowance { allowed, place }) => {
                let (because, place) = (allowed.because.clone(), *place);
                acknowledged.push(Acknowledged { diagnostic, because, place });
            }
        }
    }
    (left, acknowledged)
}

/// Reports entries that accept nothing: `found` is all that was found, in any stage.
pub(crate) fn unused(allowances: &[Allowance], found: &[&Diagnostic]) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let once = allowances.iter().filter(|it| seen.insert(it.place));
    let idle = once.filter(|it| wrong(it).is_none() && !found.iter().any(|found| it.allowed.covers(found)));
    idle.map(|Allowance { allowed, place }| {
        let Allowed { code, resource, .. } = allowed;
        let of = |found: &&&Diagnostic| found.code.name == *code;
        let subjects: BTreeSet<&str> = found.iter().filter(of).map(|found| logical_id(found)).collect();
        let message = match resource {
            Some(resource) => format!("`{code}` of `{resource}` is allowed, but is not found there."),
            None => format!("`{code}` is allowed, but is not found."),
        };
        let meant = resource.as_deref().and_then(|resource| did_you_mean(resource, subjects.iter().copied()));
        let help = match (meant, subjects.is_empty()) {
            (Some(meant), _) => meant,
            (None, true) => "Remove the entry.".to_owned(),
            (None, false) => {
                let subjects: Vec<&str> = subjects.into_iter().collect();
                format!("It is found at {}. Correct the entry or remove it.", subjects.join(", "))
            }
        };
        let (place, help) = (Some(*place), Some(help));
        Diagnostic { code: &UNUSED_ALLOWANCE, place, subject: "allow".to_owned(), message, help }
    })
    .collect()
}

impl Allowed {
    fn covers(&self, found: &Diagnostic) -> bool {
        let names = |pattern: &str| {
            let expression = regex_lite::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
            let pattern = Regex::new(&format!("^{expression}$"));
            pattern.is_ok_and(|it| it.is_match(&found.subject) || it.is_match(logical_id(found)))
        };
        self.code == found.code.name && self.resource.as_deref().is_none_or(names)
    }
}

/// The subject without the path of the property.
fn logical_id(found: &Diagnostic) -> &str {
    found.subject.split('.').next().unwrap_or_default()
}
