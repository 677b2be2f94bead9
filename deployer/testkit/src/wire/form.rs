//! Requests of the Query protocol: a flat form in which lists and structures are paths.

use std::collections::BTreeMap;

use super::http::pairs;

/// The fields of a request, or of a structure in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(pairs(&String::from_utf8_lossy(body), true).collect())
    }

    /// The value of a field; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value == "true")
    }

    /// True when the field was sent, also with nothing in it: an empty list is written so.
    pub(super) fn has(&self, name: &str) -> bool {
        let path = format!("{name}.");
        self.0.keys().any(|key| key == name || key.starts_with(&path))
    }

    /// The fields below a structure's name.
    pub(super) fn structure(&self, name: &str) -> Self {
        let path = format!("{name}.");
        let below = self.0.iter().filter_map(|(key, value)| Some((key.strip_prefix(&path)?, value)));
        Self(below.map(|(key, value)| (key.to_owned(), value.clone())).collect())
    }

    /// The structures of a list, in order.
    pub(super) fn structures(&self, name: &str) -> Vec<Self> {
        let member = |number: usize| self.structure(&format!("{name}.member.{number}"));
        (1..).map(member).take_while(|it| !it.0.is_empty()).collect()
    }

    /// The values of a list, in order.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let member = |number: usize| self.0.get(&format!("{name}.member.{number}")).cloned();
        (1..).map_while(member).collect()
    }

    /// The entries of a list of pairs, or of a map.
    pub(super) fn map(&self, name: &str, key: &str, value: &str) -> BTreeMap<String, String> {
        let entries = self.structures(name).into_iter();
        entries.filter_map(|it| Some((it.owned(key)?, it.0.get(value)?.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_structures_and_empty_lists_are_told_apart() {
        let form =
            Form::read(b"Tags=&Names.member.1=a+b&Names.member.2=c%2B&P.member.1.K=x&P.member.1.V=&D.Mode=E");
        assert_eq!(form.list("Names"), ["a b", "c+"]);
        assert_eq!(form.map("P", "K", "V"), BTreeMap::from([("x".to_owned(), String::new())]));
        assert_eq!(form.structure("D").get("Mode"), Some("E"));
        assert!(form.has("Tags") && form.list("Tags").is_empty() && !form.has("Other"));
    }
}
