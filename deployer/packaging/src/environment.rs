//! The environment variables of cargo that decide how flags reach rustc, and where cargo lives.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables that packaging reads, taken once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Takes the variables of this process. Values that are not Unicode are left out, as cargo does.
    pub(crate) fn of_process() -> Self {
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: variables.into_iter().collect() }
    }

    #[cfg(test)]
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Returns the variables whose name starts with `prefix`.
    pub(crate) fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (String, String)> {
        let found = self.variables.iter().filter(move |(name, _)| name.starts_with(prefix));
        found.map(|(name, value)| (name.clone(), value.clone()))
    }

    /// Names of the variables in which cargo tells a program that it runs (`cargo run`, `cargo test`) of
    /// that program's own package. Handed on to another cargo they look like a change to the build
    /// scripts that watch them, and everything that depends on those is built again.
    /// Source: The Cargo Book, environment variables cargo sets for crates (read 2026-11-23).
    pub(crate) fn of_calling_package(&self) -> impl Iterator<Item = &str> {
        let of_package = |name: &&str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        self.variables.keys().map(String::as_str).filter(of_package)
    }

    /// Cargo's home: `CARGO_HOME`, else `.cargo` in the home folder.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        let named = self.get("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = || self.get("HOME").or_else(|| self.get("USERPROFILE"));
        named.or_else(|| home().map(|home| PathBuf::from(home).join(".cargo")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_calling_package_are_told_from_cargos_settings() {
        let names = ["CARGO_HOME", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_TARGET_DIR", "PATH"];
        let environment = Environment::with(&names.map(|name| (name, "")));
        let found: Vec<&str> = environment.of_calling_package().collect();
        assert_eq!(found, ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"]);
    }
}
