//! The build profile of functions.

use crate::settings_file::SettingsFiles;

/// Name of the profile. A `[profile.function]` of the user's own is used as it is.
pub(crate) const FUNCTION: &str = "function";

/// The profile when the user has none, as cargo settings.
///
/// Small and quick to start, for a cold start downloads the package and maps the binary: link-time
/// optimisation, one codegen unit, no symbols. Unwinding stays, because the runtime turns a panic into
/// a reported failure. Everything is said, so that a user's `[profile.release]` does not leak in.
const SETTINGS: [&str; 8] = [
    r#"profile.function.inherits="release""#,
    "profile.function.opt-level=3",
    r#"profile.function.lto="thin""#,
    "profile.function.codegen-units=1",
    "profile.function.debug=false",
    "profile.function.incremental=false",
    r#"profile.function.panic="unwind""#,
    "profile.function.strip=true",
];

/// Returns the settings to give to cargo: none when the user has a profile of that name.
pub(crate) fn settings(files: &SettingsFiles) -> &'static [&'static str] {
    if files.has_profile(FUNCTION) { &[] } else { &SETTINGS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_s_own_profile_wins() {
        assert!(settings(&SettingsFiles::of("[profile.function]\nopt-level = 'z'")).is_empty());
    }

    #[test]
    fn user_s_release_profile_does_not_count() {
        assert_eq!(settings(&SettingsFiles::of("[profile.release]\nlto = false")), SETTINGS);
    }
}
