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

    /// Cargo's home: `CARGO_HOME`, else `.cargo` in the home folder.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        let named = self.get("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = || self.get("HOME").or_else(|| self.get("USERPROFILE"));
        named.or_else(|| home().map(|home| PathBuf::from(home).join(".cargo")))
    }
}
