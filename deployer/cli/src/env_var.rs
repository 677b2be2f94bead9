//! Every environment variable that pipectl itself reads. Those of the AWS SDKs (`AWS_PROFILE`,
//! `AWS_REGION`, `AWS_ENDPOINT_URL`, ...) are read by the SDK's own chain.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]

use std::path::PathBuf;

/// Folder of what can be fetched again. Default: `pipectl` in the user's cache folder.
pub(crate) const CACHE_DIR: &str = "PIPECTL_CACHE_DIR";

/// The user's cache folder. Default: `~/.cache`, on macOS `~/Library/Caches`.
const XDG_CACHE_HOME: &str = "XDG_CACHE_HOME";

/// The user's home folder.
const HOME: &str = "HOME";

/// When set and not empty, nothing is coloured (no-color.org).
const NO_COLOR: &str = "NO_COLOR";

/// Says whether `NO_COLOR` is set.
pub(crate) fn no_color() -> bool {
    std::env::var_os(NO_COLOR).is_some_and(|value| !value.is_empty())
}

/// Finds the user's home folder, links followed.
pub(crate) fn home_dir() -> Option<PathBuf> {
    let home = std::env::var_os(HOME).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    Some(home.canonicalize().unwrap_or(home))
}

/// Finds the cache folder; `None` when neither it nor a home folder is named.
pub(crate) fn cache_dir() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let below_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    set(CACHE_DIR).or_else(|| {
        let caches = set(XDG_CACHE_HOME).filter(|path| path.is_absolute());
        caches.or_else(|| set(HOME).map(|home| home.join(below_home))).map(|caches| caches.join("pipectl"))
    })
}
