//! Why a function changed, in words.

use pipectl_engine::build_record::Cause;

/// Names that one line has room for.
const SHOWN: usize = 3;

/// Writes a cause on one line, without a mark before it.
pub(crate) fn text(cause: &Cause) -> String {
    match cause {
        Cause::Source { files } => format!("source: {}", some(files)),
        Cause::Dependency { name, before, after } if before == after => {
            format!("dependency: {name} {} from another place", after.join(", "))
        }
        Cause::Dependency { name, before, after } => {
            format!("dependency: {name} {} -> {}", versions(before), versions(after))
        }
        Cause::Feature { name, added, removed } => {
            let added = added.iter().map(|feature| format!("+{feature}"));
            let removed = removed.iter().map(|feature| format!("-{feature}"));
            format!("feature: {name} {}", some(&added.chain(removed).collect::<Vec<_>>()))
        }
        Cause::Profile { setting, before, after } => {
            format!("profile: {setting} {} -> {}", value(before), value(after))
        }
        Cause::Toolchain { part, before, after } => {
            format!("toolchain: {part} {} -> {}", value(before), value(after))
        }
        Cause::Unrecorded => {
            "something that is not recorded, such as a variable that a build script reads".to_owned()
        }
    }
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn versions(versions: &[String]) -> String {
    if versions.is_empty() { "(none)".to_owned() } else { versions.join(", ") }
}

fn value(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("(none)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn many_files_are_counted_after_the_third() {
        let files = names(&["a.rs", "b.rs", "c.rs", "d.rs", "e.rs"]);
        assert_eq!(text(&Cause::Source { files }), "source: a.rs, b.rs, c.rs and 2 more");
    }

    #[test]
    fn new_and_moved_dependencies_are_told_apart() {
        let dependency = |before: &[&str], after: &[&str]| {
            text(&Cause::Dependency { name: "serde".to_owned(), before: names(before), after: names(after) })
        };
        assert_eq!(dependency(&[], &["1.0.2"]), "dependency: serde (none) -> 1.0.2");
        assert_eq!(dependency(&["1.0.2"], &["1.0.2"]), "dependency: serde 1.0.2 from another place");
    }

    #[test]
    fn features_show_what_was_turned_on_and_off() {
        let cause =
            Cause::Feature { name: "tokio".to_owned(), added: names(&["rt"]), removed: names(&["fs"]) };
        assert_eq!(text(&cause), "feature: tokio +rt, -fs");
    }
}
