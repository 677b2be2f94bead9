//! Finds the atoms that may reach another one without holding every one against it.
//!
//! A pattern matches only names that begin with what stands before its first wildcard. So atoms are kept
//! under the beginnings of their principal and of their resource, and what may reach an atom is kept under
//! beginnings of its own ones.

use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use super::Atom;
use super::pattern::Pattern;

/// Atoms, by the beginning of the principal, then of the resource.
pub(super) struct Index<'a> {
    of_principals: BTreeMap<&'a str, OfPrincipal<'a>>,
}

/// By the beginning of the resource; each with its position among those that were put in.
type OfPrincipal<'a> = BTreeMap<&'a str, Vec<(usize, &'a Atom)>>;

impl<'a> Index<'a> {
    pub(super) fn new(atoms: impl IntoIterator<Item = &'a Atom>) -> Self {
        let mut of_principals: BTreeMap<_, OfPrincipal<'_>> = BTreeMap::new();
        for (position, atom) in atoms.into_iter().enumerate() {
            let of_principal = of_principals.entry(atom.principal.beginning()).or_default();
            of_principal.entry(atom.resource.beginning()).or_default().push((position, atom));
        }
        Self { of_principals }
    }

    /// Lists all that reach the atom, and others, in no order.
    pub(super) fn near(&self, atom: &Atom) -> impl Iterator<Item = (usize, &'a Atom)> {
        let resource = atom.resource.plain();
        let of_principals = beginnings(&self.of_principals, atom.principal.plain());
        let found = of_principals.flat_map(move |of_principal| beginnings(of_principal, resource));
        found.flatten().copied()
    }
}

impl Pattern {
    /// What every name begins with that the pattern stands for.
    fn beginning(&self) -> &str {
        match self {
            Self::Is(text) => text.split(['*', '?']).next().unwrap_or_default(),
            Self::Not(_) | Self::Net(_) | Self::Ports { .. } => "",
        }
    }

    /// The text whose beginnings those patterns have that cover this one. Only patterns without a beginning
    /// cover all but some.
    fn plain(&self) -> &str {
        match self {
            Self::Is(text) => text,
            Self::Not(_) | Self::Net(_) | Self::Ports { .. } => "",
        }
    }
}

/// Lists the values whose key the text begins with, the longest key first.
fn beginnings<'m, V>(map: &'m BTreeMap<&str, V>, text: &str) -> impl Iterator<Item = &'m V> {
    let mut end = Some(text);
    std::iter::from_fn(move || {
        loop {
            let longest = end?;
            let (key, value) = map.range::<str, _>((Unbounded, Included(longest))).next_back()?;
            let shared = shared(key, longest);
            let is_found = shared.len() == key.len();
            // A key that is not found rules out all longer than what it shares with the text.
            end = if is_found { before_last(shared) } else { Some(shared) };
            if is_found {
                return Some(value);
            }
        }
    })
}

/// The longest beginning of both.
fn shared<'t>(one: &str, other: &'t str) -> &'t str {
    let same = one.chars().zip(other.char_indices()).find(|(one, (_, other))| one != other);
    let end = same.map_or(one.len().min(other.len()), |(_, (at, _))| at);
    &other[..end]
}

fn before_last(text: &str) -> Option<&str> {
    text.char_indices().next_back().map(|(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_text_begins_with_are_found_and_no_others() {
        let keys = ["", "a", "ab", "abd", "abc", "abcé", "abcéf", "b"];
        let map: BTreeMap<&str, &str> = keys.iter().map(|key| (*key, *key)).collect();
        let found = |text| beginnings(&map, text).copied().collect::<Vec<_>>();
        assert_eq!(found("abcé"), ["abcé", "abc", "ab", "a", ""]);
        assert_eq!(found("abcz"), ["abc", "ab", "a", ""]);
        assert_eq!(found("aa"), ["a", ""]);
        assert_eq!(found(""), [""]);
        assert_eq!(beginnings(&BTreeMap::from([("b", 1)]), "a").count(), 0);
    }
}
