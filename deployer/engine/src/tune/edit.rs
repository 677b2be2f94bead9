//! Writes a memory size into the text of a spec, and leaves the rest of it as it is.

use crate::spec::place::Place;
use crate::spec::yaml::{self, Node, Yaml};

/// Why a spec was not edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The spec cannot be read.
    #[error("the spec cannot be read")]
    Unreadable,
    /// The spec has no function of that name.
    #[error("the spec has no such function")]
    NoFunction,
    /// The place is written in a way in which an edit would change more than the one size: an anchor, an
    /// alias, or a layout that was not expected.
    #[error("the memory size at {at} cannot be written without touching something else")]
    Entangled {
        /// Where it would stand.
        at: Place,
    },
}

/// Returns the text of a spec in which a function has this memory size.
///
/// It is written where the size stands that holds for `stage`: in the stage if it sets one, otherwise in
/// the function itself, after its `crate` when it has none yet. Comments and layout stay. The same size
/// again returns the same text.
///
/// # Errors
/// As listed on [`EditError`].
pub fn set_memory_size(
    text: &str,
    stage: Option<&str>,
    function: &str,
    megabytes: u32,
) -> Result<String, EditError> {
    let tree = read(text)?;
    let in_stage = stage.map(|stage| ["stages", stage, "functions", function]);
    let in_stage = in_stage.filter(|path| {
        let base = ["functions", function];
        find(&tree, path).is_some_and(|found| found.entry(KEY).is_some() || find(&tree, &base).is_none())
    });
    let base = ["functions", function];
    let path: &[&str] = in_stage.as_ref().map_or(&base, |path| path);
    let mapping = find(&tree, path).ok_or(EditError::NoFunction)?;
    let edited = match mapping.entry(KEY) {
        Some(entry) => replace(text, &entry.value, megabytes),
        None => insert(text, mapping, megabytes),
    };
    let at = tree.place_of(&[path, &[KEY]].concat());
    let edited = edited.ok_or(EditError::Entangled { at })?;
    if changes_only(&tree, &edited, path, megabytes) { Ok(edited) } else { Err(EditError::Entangled { at }) }
}

const KEY: &str = "memory_size";

fn read(text: &str) -> Result<Node, EditError> {
    match yaml::read(text) {
        (Some(tree), mistakes) if mistakes.is_empty() => Ok(tree),
        _ => Err(EditError::Unreadable),
    }
}

fn find<'a>(tree: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(tree, |node, key| node.entry(key).map(|entry| &entry.value))
}

fn written(megabytes: u32) -> String {
    format!("{megabytes}MB")
}

/// Replaces the scalar that stands at a node's place.
fn replace(text: &str, value: &Node, megabytes: u32) -> Option<String> {
    let start = offset(text, value.place)?;
    let rest = &text[start..];
    let old = match rest.chars().next()? {
        quote @ ('"' | '\'') => &rest[..=rest[1..].find(quote)? + 1],
        _ => rest.split(|c: char| !c.is_ascii_alphanumeric()).next()?,
    };
    if old.is_empty() {
        return None;
    }
    Some(format!("{}{}{}", &text[..start], written(megabytes), &rest[old.len()..]))
}

/// Adds the key to a function that has none: on a line of its own, or within its braces.
fn insert(text: &str, mapping: &Node, megabytes: u32) -> Option<String> {
    let entries = mapping.entries();
    let after = entries.iter().find(|entry| entry.key == "crate").or(entries.first())?;
    let key = offset(text, after.key_place)?;
    let line = text[..key].rfind('\n').map_or(0, |end| end + 1);
    let value = format!("{KEY}: {}", written(megabytes));
    let indent = &text[line..key];
    if !indent.trim().is_empty() {
        return Some(format!("{}{value}, {}", &text[..key], &text[key..]));
    }
    let end = text[key..].find('\n').map_or(text.len(), |end| key + end);
    // A carriage return belongs to the end of the line.
    let end = if text[..end].ends_with('\r') { end - 1 } else { end };
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(format!("{}{newline}{indent}{value}{}", &text[..end], &text[end..]))
}

/// Returns where in a text a place is, in bytes.
fn offset(text: &str, place: Place) -> Option<usize> {
    let line = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum::<usize>();
    let rest = text.get(line..)?;
    let column = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(place.column - 1)?;
    Some(line + column)
}

/// Says whether an edited text means what the old one did, but for the one size.
fn changes_only(old: &Node, edited: &str, path: &[&str], megabytes: u32) -> bool {
    let Ok(new) = read(edited) else { return false };
    let is_set = |node: &Node| node.value == Yaml::String(written(megabytes));
    if !find(&new, path).and_then(|it| it.entry(KEY)).is_some_and(|entry| is_set(&entry.value)) {
        return false;
    }
    let without = |tree: &Node| {
        let mut json = tree.to_json();
        let function = path.iter().try_fold(&mut json, |value, key| value.get_mut(*key));
        if let Some(function) = function.and_then(|function| function.as_object_mut()) {
            function.remove(KEY);
        }
        json
    };
    without(old) == without(&new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> Result<String, EditError> {
        set_memory_size(text, None, "writer", 512)
    }

    #[test]
    fn size_is_replaced_at_its_place() {
        let spec = |size: &str| {
            format!(
                "# spec\nfunctions:\n  writer:\n    crate: w   # é\n    memory_size: {size}  # why\n    timeout: 3s\n"
            )
        };
        for size in ["256MB", "256", "'256MB'", "\"1GB\""] {
            assert_eq!(edited(&spec(size)), Ok(spec("512MB")), "{size}");
        }
    }

    #[test]
    fn same_size_again_changes_nothing() {
        let spec = "functions: { writer: { crate: w, memory_size: 512MB } }\n";
        assert_eq!(edited(spec), Ok(spec.to_owned()));
    }

    #[test]
    fn missing_size_gets_a_line_after_the_crate() {
        let spec = "functions:\n  writer:\n    crate: w # its crate\n\n    # how long\n    timeout: 3s\n";
        let expected = "functions:\n  writer:\n    crate: w # its crate\n    memory_size: 512MB\n\n    # how long\n    timeout: 3s\n";
        assert_eq!(edited(spec), Ok(expected.to_owned()));
    }

    #[test]
    fn missing_size_of_the_last_line_is_written_without_a_newline_at_the_end() {
        let spec = "functions:\r\n  writer:\r\n    crate: w";
        assert_eq!(edited(spec), Ok(format!("{spec}\r\n    memory_size: 512MB")));
    }

    #[test]
    fn missing_size_is_written_into_braces() {
        let spec = "functions: { writer: { crate: w, timeout: 3s } }\n";
        let expected = "functions: { writer: { memory_size: 512MB, crate: w, timeout: 3s } }\n";
        assert_eq!(edited(spec), Ok(expected.to_owned()));
    }

    #[test]
    fn size_of_a_stage_is_replaced_where_the_stage_sets_it() {
        let spec = |base: &str, stage: &str| {
            format!(
                "functions: {{ writer: {{ crate: w, memory_size: {base} }} }}\n\
                 stages: {{ prod: {{ functions: {{ writer: {{ memory_size: {stage} }} }} }}, dev: {{}} }}\n"
            )
        };
        let of = |stage| set_memory_size(&spec("128MB", "1GB"), Some(stage), "writer", 512);
        assert_eq!(of("prod"), Ok(spec("128MB", "512MB")));
        assert_eq!(of("dev"), Ok(spec("512MB", "1GB")));
    }

    #[test]
    fn shared_function_is_left_alone() {
        let spec = "x: &w { crate: w, memory_size: 128MB }\nfunctions: { writer: *w, other: *w }\n";
        assert!(matches!(edited(spec), Err(EditError::Entangled { .. })));
        let spec = "functions: { writer: { crate: w, memory_size: &m 128MB }, other: { memory_size: *m } }\n";
        assert!(matches!(edited(spec), Err(EditError::Entangled { .. })));
    }

    #[test]
    fn function_that_is_not_there_is_said() {
        assert_eq!(edited("functions: {}\n"), Err(EditError::NoFunction));
        assert_eq!(edited("functions: ["), Err(EditError::Unreadable));
    }
}
