//! Brings what the model finds back to the places of the spec file.

use std::collections::BTreeMap;

use stack_model::diagnostic::{self as model, Code};

use crate::diagnostic::Diagnostic;
use crate::spec::place::Place;
use crate::spec::yaml::Node;

/// Where in the spec each logical ID comes from.
pub(super) struct Places<'a> {
    tree: &'a Node,
    known: BTreeMap<String, Vec<String>>,
    overrides: BTreeMap<String, Vec<String>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(tree: &'a Node) -> Self {
        Self { tree, known: BTreeMap::new(), overrides: BTreeMap::new() }
    }

    /// Remembers that the key at `path` became the resource `logical_id`.
    pub(super) fn know(&mut self, logical_id: &str, path: &[&str]) {
        self.known.insert(logical_id.to_owned(), owned(path));
    }

    /// Remembers that the key at `path` changes the resource `logical_id`.
    pub(super) fn know_override(&mut self, logical_id: &str, path: &[&str]) {
        self.overrides.insert(logical_id.to_owned(), owned(path));
    }

    /// Returns the place of every logical ID that the spec names itself.
    pub(super) fn all(&self) -> BTreeMap<String, Place> {
        self.known.iter().map(|(id, path)| (id.clone(), self.place(path))).collect()
    }

    fn place(&self, path: &[String]) -> Place {
        self.tree.place_of(&path.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Makes a diagnostic about the key at `path`.
    pub(super) fn report(
        &self,
        code: &'static Code,
        path: &[&str],
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        let place = Some(self.tree.place_of(path));
        Diagnostic { code, place, subject: path.join("."), message, help }
    }

    /// Finds the key that a finding of the model is about: the resource's own, or that of the
    /// construct it was made for, down to the property where the spec has it.
    pub(super) fn locate(&self, found: &model::Diagnostic) -> Diagnostic {
        let logical_id = found.logical_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let subject = match &found.path {
            Some(path) if !logical_id.is_empty() => format!("{logical_id}.{path}"),
            Some(path) => path.clone(),
            None => logical_id.clone(),
        };
        let base = self.origin(&logical_id, found.subject.as_deref());
        let path = found.path.as_deref().unwrap_or_default();
        let place = self.verbatim(&logical_id, path).or_else(|| {
            base.map(|base| {
                let below = found.path.as_deref().map(keys_of).unwrap_or_default();
                let steps: Vec<&str> = base.iter().chain(&below).map(String::as_str).collect();
                self.tree.place_of(&steps)
            })
        });
        Diagnostic {
            code: found.code,
            place,
            subject,
            message: found.message.clone(),
            help: found.help.clone(),
        }
    }

    /// Finds a property where the spec writes it as CloudFormation does: in an override, then in a raw resource. What
    /// an override does not say is not its mistake; what a raw resource does not say, is.
    fn verbatim(&self, logical_id: &str, path: &str) -> Option<Place> {
        let below = |base: &Vec<String>| -> Vec<String> {
            base.iter().cloned().chain(path.split('.').map(str::to_owned)).collect()
        };
        let overridden = self
            .overrides
            .get(logical_id)
            .map(below)
            .filter(|path| self.tree.has(&path.iter().map(String::as_str).collect::<Vec<_>>()));
        let raw = self.known.get(logical_id).filter(|base| base.first().is_some_and(|it| it == "resources"));
        overridden.or_else(|| raw.map(below)).map(|path| self.place(&path))
    }

    fn origin(&self, logical_id: &str, name: Option<&str>) -> Option<&Vec<String>> {
        let own = self.known.get(logical_id);
        let longest = || {
            let made_for = self.known.iter().filter(|(known, _)| logical_id.starts_with(known.as_str()));
            made_for.max_by_key(|(known, _)| known.len()).map(|(_, path)| path)
        };
        let named = || self.known.values().find(|path| path.last().map(String::as_str) == name);
        own.or_else(|| self.overrides.get(logical_id)).or_else(longest).or_else(named)
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&key| key.to_owned()).collect()
}

/// Turns a property path into keys of the spec: `Properties.RedrivePolicy.maxReceiveCount` into
/// `redrive`, `max_receive_count`.
fn keys_of(path: &str) -> Vec<String> {
    let steps = path.split('.').filter(|step| !matches!(*step, "Properties" | "Variables"));
    steps.map(|step| if step == "RedrivePolicy" { "redrive".to_owned() } else { snake_case(step) }).collect()
}

/// `VisibilityTimeout` is `visibility_timeout`; a name without lower-case letters stays.
fn snake_case(step: &str) -> String {
    if !step.chars().any(|c| c.is_ascii_lowercase()) {
        return step.to_owned();
    }
    let mut key = String::new();
    for (index, letter) in step.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::keys_of;

    #[test]
    fn property_paths_become_keys() {
        assert_eq!(keys_of("Properties.RedrivePolicy.maxReceiveCount"), ["redrive", "max_receive_count"]);
        assert_eq!(keys_of("Properties.Environment.Variables.TABLE_NAME"), ["environment", "TABLE_NAME"]);
    }
}
