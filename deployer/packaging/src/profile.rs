//! The build profiles of functions.

use std::collections::BTreeMap;

use pipectl_engine::package::Architecture;

use crate::environment::Environment;
use crate::settings_file::SettingsFiles;

/// A build profile. One of the same name in the user's own files is used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profile<'a> {
    pub(crate) name: &'a str,
    /// Settings for cargo's `--config`, used when the user has no such profile.
    settings: &'static [&'static str],
}

/// The profile of functions that go to AWS.
///
/// Small and quick to start, for a cold start downloads the package and maps the binary: optimised for
/// size over all crates together, one codegen unit, no symbols. Unwinding stays, because the runtime
/// turns a panic into a reported failure. Everything is said, so that a user's `[profile.release]` does
/// not leak in.
///
/// Measured with `pipectl-function-bench` against level 3 and thin link-time optimisation: the packages
/// of object-extract and records-api have 2.9 and 2.1 MB instead of 4.2 and 3.2, resident memory is a
/// quarter less, and the processor time of a message is the same within a tenth. A first build of the five
/// functions takes 544 s of processor time.
const FUNCTION: Profile<'static> = Profile {
    name: "function",
    settings: &[
        r#"profile.function.inherits="release""#,
        r#"profile.function.opt-level="s""#,
        r#"profile.function.lto="fat""#,
        "profile.function.codegen-units=1",
        "profile.function.debug=false",
        "profile.function.incremental=false",
        r#"profile.function.panic="unwind""#,
        "profile.function.strip=true",
    ],
};

/// The profile of functions that run on this machine: quick to build, otherwise the same.
///
/// Measured on 2 cores with two functions on the AWS SDK, in seconds of processor time: a first build
/// takes 336 instead of 430, one after a change of a function 6 instead of 59. The binaries are a
/// quarter larger.
const LOCAL: Profile<'static> = Profile {
    name: "function-local",
    settings: &[
        r#"profile.function-local.inherits="release""#,
        "profile.function-local.opt-level=1",
        r#"profile.function-local.lto="off""#,
        "profile.function-local.codegen-units=16",
        "profile.function-local.debug=false",
        "profile.function-local.incremental=false",
        r#"profile.function-local.panic="unwind""#,
        "profile.function-local.strip=true",
    ],
};

/// Names of the profiles that are brought along.
pub(crate) const NAMES: [&str; 2] = [FUNCTION.name, LOCAL.name];

/// Returns the profile that a program is built with.
pub(crate) fn chosen<'a>(named: Option<&'a str>, architecture: Option<Architecture>) -> Profile<'a> {
    match named {
        Some(name) => [FUNCTION, LOCAL]
            .into_iter()
            .find(|ours| ours.name == name)
            .unwrap_or(Profile { name, settings: &[] }),
        None => of(architecture),
    }
}

/// Returns the profile for an architecture of Lambda, or for this machine when there is none.
fn of(architecture: Option<Architecture>) -> Profile<'static> {
    if architecture.is_some() { FUNCTION } else { LOCAL }
}

impl Profile<'_> {
    /// Returns what decides how the functions are compiled, by name: the settings of this profile, or the
    /// user's own of that name with the variables that override them.
    pub(crate) fn described(
        self,
        files: &SettingsFiles,
        environment: &Environment,
    ) -> BTreeMap<String, String> {
        let mut described = if files.has_profile(self.name) || self.settings.is_empty() {
            let mut own = files.profile(self.name);
            let prefix = format!("CARGO_PROFILE_{}_", self.name.to_uppercase().replace('-', "_"));
            own.extend(environment.starting_with(&prefix));
            own
        } else {
            let start = format!("profile.{}.", self.name);
            let settings =
                self.settings.iter().filter_map(|setting| setting.strip_prefix(&start)?.split_once('='));
            settings.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
        };
        described.insert("profile".to_owned(), self.name.to_owned());
        described
    }

    /// Returns the settings to give to cargo: none when the user has a profile of that name.
    pub(crate) fn settings(self, files: &SettingsFiles) -> &'static [&'static str] {
        if files.has_profile(self.name) { &[] } else { self.settings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_s_own_profile_wins() {
        let files = SettingsFiles::of("[profile.function]\nopt-level = 'z'");
        assert!(FUNCTION.settings(&files).is_empty());
        assert_eq!(LOCAL.settings(&files), LOCAL.settings);
    }

    #[test]
    fn user_s_release_profile_does_not_count() {
        assert_eq!(
            FUNCTION.settings(&SettingsFiles::of("[profile.release]\nlto = false")),
            FUNCTION.settings
        );
    }

    #[test]
    fn description_names_the_settings_in_force() {
        let none = Environment::default();
        assert_eq!(FUNCTION.described(&SettingsFiles::default(), &none)["opt-level"], "s");
        let own = SettingsFiles::of("[profile.function]\nopt-level = 'z'");
        let environment = Environment::with(&[("CARGO_PROFILE_FUNCTION_LTO", "fat")]);
        let described = FUNCTION.described(&own, &environment);
        assert_eq!([&described["opt-level"], &described["CARGO_PROFILE_FUNCTION_LTO"]], ["z", "fat"]);
    }

    #[test]
    fn workspace_s_own_profile_is_the_one_that_functions_get() {
        let ours: toml::Table = FUNCTION.settings.join("\n").parse().expect("settings are TOML");
        let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().expect("a manifest is TOML");
        assert_eq!(ours["profile"]["function"], manifest["profile"]["function"]);
    }

    #[test]
    fn settings_name_their_own_profile() {
        for profile in [FUNCTION, LOCAL] {
            let start = format!("profile.{}.", profile.name);
            assert!(profile.settings.iter().all(|setting| setting.starts_with(&start)));
        }
    }
}
