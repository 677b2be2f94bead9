//! Keeps the folders of this machine out of the binaries, without disturbing the user's own flags.
//!
//! Cargo takes rustc's flags from one of four places and ignores the rest: `CARGO_ENCODED_RUSTFLAGS`,
//! `RUSTFLAGS`, all that `target.<triple>` and `target.<cfg>` say, `build.rustflags`. Ours must join the
//! one in use. Source: The Cargo Book, `build.rustflags` (read 2026-11-23).

use std::path::Path;

use crate::environment::Environment;
use crate::settings_file::SettingsFiles;

/// Between the flags of `CARGO_ENCODED_RUSTFLAGS`.
const ENCODED_SEPARATOR: &str = "\u{1f}";

/// Where the flags go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joined {
    /// An environment variable with its new value.
    Variable { name: &'static str, value: String },
    /// A value for cargo's `--config`; cargo appends the array to that of the user's files.
    Setting(String),
}

/// The folders that rustc would write into a binary.
#[derive(Debug, Clone)]
pub(crate) struct Folders<'a> {
    pub(crate) workspace: &'a Path,
    /// Cargo's build and target directories.
    pub(crate) generated: Vec<&'a Path>,
    pub(crate) cargo_home: Option<&'a Path>,
}

impl Folders<'_> {
    /// Returns rustc's flags. The last one that matches a path wins, so the folders of what is generated,
    /// which are usually in the workspace, come last.
    pub(crate) fn flags(&self) -> Vec<String> {
        let mut pairs = vec![(self.workspace, "/workspace")];
        pairs.extend(self.cargo_home.map(|home| (home, "/cargo")));
        pairs.extend(self.generated.iter().map(|folder| (*folder, "/target")));
        pairs.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
    }
}

/// Decides where `flags` go so that they add to the flags that the user has set.
pub(crate) fn join(
    flags: &[String],
    triple: &str,
    environment: &Environment,
    files: &SettingsFiles,
) -> Joined {
    if let Some(theirs) = environment.get("CARGO_ENCODED_RUSTFLAGS") {
        return encoded(theirs.split(ENCODED_SEPARATOR), flags);
    }
    if let Some(theirs) = environment.get("RUSTFLAGS").filter(|flags| !flags.trim().is_empty()) {
        // A path with a space has no place in the variable that is split at spaces.
        return encoded(theirs.split_whitespace(), flags);
    }
    // A JSON array of strings is a TOML array of strings.
    let array = serde_json::Value::from(flags.to_vec());
    if uses_build_flags(triple, environment, files) {
        Joined::Setting(format!("build.rustflags={array}"))
    } else {
        Joined::Setting(format!("target.{triple}.rustflags={array}"))
    }
}

/// Returns the flags that the user has set for rustc, for a record; empty when there are none.
pub(crate) fn flags_of_user(triple: &str, environment: &Environment, files: &SettingsFiles) -> String {
    let variable = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"].iter().find_map(|name| environment.get(name));
    match variable {
        Some(flags) => flags.replace(ENCODED_SEPARATOR, " "),
        None => files.rustflags(triple).join(" "),
    }
}

/// True when flags for the target would silence the user's `build.rustflags`. When those stand beside
/// `target.'cfg(..)'.rustflags` the answer is true as well: at worst a folder stays in the binary.
fn uses_build_flags(triple: &str, environment: &Environment, files: &SettingsFiles) -> bool {
    let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", triple.to_uppercase().replace(['-', '.'], "_"));
    let has_target_flags = files.has_target_rustflags(triple) || environment.get(&variable).is_some();
    let has_build_flags = files.has_build_rustflags() || environment.get("CARGO_BUILD_RUSTFLAGS").is_some();
    has_build_flags && !has_target_flags
}

fn encoded<'a>(theirs: impl Iterator<Item = &'a str>, ours: &'a [String]) -> Joined {
    let flags: Vec<&str> =
        theirs.filter(|flag| !flag.is_empty()).chain(ours.iter().map(String::as_str)).collect();
    Joined::Variable { name: "CARGO_ENCODED_RUSTFLAGS", value: flags.join(ENCODED_SEPARATOR) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIPLE: &str = "x86_64-unknown-linux-gnu";

    fn joined(variables: &[(&str, &str)], settings: &str) -> Joined {
        join(&["-Ours".to_owned()], TRIPLE, &Environment::with(variables), &SettingsFiles::of(settings))
    }

    fn setting(text: &str) -> Joined {
        Joined::Setting(text.to_owned())
    }

    #[test]
    fn without_flags_of_the_user_the_target_is_used() {
        assert_eq!(joined(&[], ""), setting(r#"target.x86_64-unknown-linux-gnu.rustflags=["-Ours"]"#));
    }

    #[test]
    fn build_flags_of_the_user_are_added_to() {
        assert_eq!(joined(&[], "build.rustflags = ['-A']"), setting(r#"build.rustflags=["-Ours"]"#));
    }

    #[test]
    fn target_flags_of_the_user_win_over_their_build_flags_as_in_cargo() {
        let settings = "build.rustflags = ['-A']\ntarget.x86_64-unknown-linux-gnu.rustflags = ['-B']";
        assert_eq!(joined(&[], settings), setting(r#"target.x86_64-unknown-linux-gnu.rustflags=["-Ours"]"#));
    }

    #[test]
    fn variable_of_the_user_is_added_to() {
        let Joined::Variable { name, value } = joined(&[("RUSTFLAGS", "-A  -B")], "") else {
            panic!("a variable was expected");
        };
        assert_eq!((name, value.as_str()), ("CARGO_ENCODED_RUSTFLAGS", "-A\u{1f}-B\u{1f}-Ours"));
    }

    #[test]
    fn target_directory_is_remapped_last() {
        let folders =
            Folders { workspace: Path::new("/w"), generated: vec![Path::new("/w/target")], cargo_home: None };
        assert_eq!(folders.flags().last().unwrap(), "--remap-path-prefix=/w/target=/target");
    }
}
