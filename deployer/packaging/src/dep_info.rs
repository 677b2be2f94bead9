//! Cargo's list of the files that a binary was built from.
//!
//! One rule of a makefile, `binary: file file`, in which a space in a name is written `\ `. Files of
//! crates from a registry are not listed. Source: The Cargo Book, Build cache, Dep-info files (read
//! 2026-11-23).

use std::path::PathBuf;

/// Returns the files on the right side of the rule.
pub(crate) fn files(rule: &str) -> Vec<PathBuf> {
    let Some((_, list)) = rule.split_once(": ") else { return Vec::new() };
    let mut files = Vec::new();
    let mut name = String::new();
    let mut letters = list.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&' ') => name.extend(letters.next()),
            ' ' | '\n' | '\r' => files.extend(finished(&mut name)),
            letter => name.push(letter),
        }
    }
    files.extend(finished(&mut name));
    files
}

fn finished(name: &mut String) -> Option<PathBuf> {
    (!name.is_empty()).then(|| PathBuf::from(std::mem::take(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_and_spaces_in_names_kept() {
        let found = files("/w/target/function/one: /w/one/src/main.rs /w/one/with\\ space.rs\n");
        assert_eq!(found, ["/w/one/src/main.rs", "/w/one/with space.rs"].map(PathBuf::from));
    }

    #[test]
    fn binary_without_sources_of_its_own_has_none() {
        assert_eq!(files("/w/target/function/one:\n"), Vec::<PathBuf>::new());
    }
}
