//! Which binary of which Cargo package a function is, and the features and profile it is built with.
//!
//! `check` and packaging ask the same question, of the workspace as cargo describes it:
//! [`CargoWorkspace::program`] answers it.
//!
//! Invariant: pure. Nothing here starts cargo or reads a manifest.

use std::collections::{BTreeMap, BTreeSet};

use crate::package::FunctionCrate;
use crate::spec::nearest::did_you_mean;

/// A Cargo workspace as cargo describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoWorkspace {
    /// The members by package name.
    pub packages: BTreeMap<String, CargoPackage>,
    /// Packages below the workspace's folder that are no members, by package name.
    pub outsiders: BTreeMap<String, Outsider>,
    /// Names of the build profiles: those of cargo and the workspace's own.
    pub profiles: BTreeSet<String>,
}

/// A member of a Cargo workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoPackage {
    /// Its binaries, by name.
    pub binaries: BTreeMap<String, Binary>,
    /// `default-run` of its manifest. Default: none.
    pub default_run: Option<String>,
    /// Its features, each with what it turns on.
    pub features: BTreeMap<String, Vec<String>>,
}

/// A binary target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binary {
    /// `required-features` of its manifest. Default: none.
    pub required_features: Vec<String>,
}

/// A package that lies below the workspace's folder without being a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// Its folder, relative to the workspace's.
    pub folder: String,
    /// True when `workspace.exclude` covers it.
    pub is_excluded: bool,
}

/// Why it is not clear which binary a function is, or why that binary cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// No member of the workspace has this name.
    #[error("`{crate_name}` {}", NotAMember(.outsider.as_ref()))]
    UnknownPackage {
        /// The name in the spec.
        crate_name: String,
        /// Members that have a binary, sorted.
        known: Vec<String>,
        /// The package of that name that is no member; `None` when there is none.
        outsider: Option<Outsider>,
    },
    /// The package makes no program.
    #[error("the package `{crate_name}` has no binary")]
    NoBinary {
        /// Name of the package.
        crate_name: String,
    },
    /// The package has no binary of the name in the spec.
    #[error("the package `{crate_name}` has no binary `{bin}`")]
    UnknownBinary {
        /// Name of the package.
        crate_name: String,
        /// The name in the spec.
        bin: String,
        /// Its binaries, sorted.
        known: Vec<String>,
    },
    /// The package has several binaries, and nothing says which one is the function.
    #[error("the package `{crate_name}` has several binaries: `{}`", .known.join("`, `"))]
    SeveralBinaries {
        /// Name of the package.
        crate_name: String,
        /// Its binaries, sorted.
        known: Vec<String>,
    },
    /// The package has no feature of a name in the spec.
    #[error("the package `{crate_name}` has no feature `{feature}`")]
    UnknownFeature {
        /// Name of the package.
        crate_name: String,
        /// The name in the spec.
        feature: String,
        /// Its features, sorted.
        known: Vec<String>,
    },
    /// Cargo does not build the binary without these features.
    #[error("the binary `{bin}` of `{crate_name}` requires the {}", Features(.missing))]
    FeaturesNotEnabled {
        /// Name of the package.
        crate_name: String,
        /// Name of the binary.
        bin: String,
        /// Required features that are off.
        missing: Vec<String>,
        /// All features that the spec must list.
        wanted: Vec<String>,
    },
    /// Cargo knows no such profile.
    #[error("there is no Cargo profile `{profile}`")]
    UnknownProfile {
        /// The name in the spec.
        profile: String,
        /// The profiles there are, sorted.
        known: Vec<String>,
    },
}

struct NotAMember<'a>(Option<&'a Outsider>);

impl std::fmt::Display for NotAMember<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => write!(f, "is not a package of the Cargo workspace"),
            Some(Outsider { folder, is_excluded: true }) => {
                write!(f, "in `{folder}` is excluded from the Cargo workspace")
            }
            Some(Outsider { folder, is_excluded: false }) => {
                write!(f, "in `{folder}` is not a member of the Cargo workspace")
            }
        }
    }
}

struct Features<'a>(&'a [String]);

impl std::fmt::Display for Features<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = if self.0.len() == 1 { "feature" } else { "features" };
        write!(f, "{word} `{}`, which the function does not turn on", self.0.join("`, `"))
    }
}

impl ProgramError {
    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::UnknownPackage { outsider: Some(Outsider { folder, is_excluded }), .. } => {
                let member = if *is_excluded {
                    "Remove it from `workspace.exclude` in the workspace's `Cargo.toml`".to_owned()
                } else {
                    format!("Add `\"{folder}\"` to `workspace.members` in the workspace's `Cargo.toml`")
                };
                format!(
                    "{member}, or set `build.workspace` to the folder of the workspace that it belongs to."
                )
            }
            Self::UnknownPackage { crate_name, known, outsider: None } => {
                one_of(crate_name, known, "Packages with a binary")
            }
            Self::NoBinary { .. } => "Add `src/main.rs` or a `[[bin]]` section to it.".to_owned(),
            Self::UnknownBinary { bin, known, .. } => one_of(bin, known, "Its binaries"),
            Self::SeveralBinaries { known, .. } => format!(
                "Name the function's binary, such as `bin: {}`, or set `default-run` in the package's \
                 `Cargo.toml`.",
                known.first().map_or("", String::as_str)
            ),
            Self::UnknownFeature { feature, known, .. } => one_of(feature, known, "Its features"),
            Self::FeaturesNotEnabled { wanted, .. } => format!("Add `features: [{}]`.", wanted.join(", ")),
            Self::UnknownProfile { profile, known } => one_of(profile, known, "Profiles"),
        }
    }
}

fn one_of(wrong: &str, known: &[String], what: &str) -> String {
    did_you_mean(wrong, known.iter().map(String::as_str)).unwrap_or_else(|| match known {
        [] => format!("{what}: none."),
        known => format!("{what}: `{}`.", known.join("`, `")),
    })
}

impl CargoWorkspace {
    /// Returns the name of the binary that a function is: the one that it names; else the only one of its
    /// package; else `default-run`; else the one named as the package.
    ///
    /// # Errors
    /// Everything that is wrong with the package, binary, features and profile that the function names.
    pub fn program(&self, function: &FunctionCrate) -> Result<&str, Vec<ProgramError>> {
        let mut wrong = Vec::new();
        if let Some(profile) = function.profile.as_ref().filter(|profile| !self.profiles.contains(*profile)) {
            let known = self.profiles.iter().cloned().collect();
            wrong.push(ProgramError::UnknownProfile { profile: profile.clone(), known });
        }
        let crate_name = &function.crate_name;
        let Some(package) = self.packages.get(crate_name) else {
            let outsider = self.outsiders.get(crate_name).cloned();
            let known = self.with_binary();
            wrong.insert(0, ProgramError::UnknownPackage { crate_name: crate_name.clone(), known, outsider });
            return Err(wrong);
        };
        for feature in &function.features {
            if !package.features.contains_key(feature) {
                wrong.push(ProgramError::UnknownFeature {
                    crate_name: crate_name.clone(),
                    feature: feature.clone(),
                    known: package.features.keys().cloned().collect(),
                });
            }
        }
        match package.binary(crate_name, function.bin.as_deref()) {
            Ok((name, binary)) => {
                wrong.extend(package.features_not_enabled(function, name, binary));
                if wrong.is_empty() { Ok(name) } else { Err(wrong) }
            }
            Err(error) => {
                wrong.push(error);
                Err(wrong)
            }
        }
    }

    fn with_binary(&self) -> Vec<String> {
        let packages = self.packages.iter().filter(|(_, package)| !package.binaries.is_empty());
        packages.map(|(name, _)| name.clone()).collect()
    }
}

impl CargoPackage {
    fn binary(&self, crate_name: &str, named: Option<&str>) -> Result<(&str, &Binary), ProgramError> {
        let known = || self.binaries.keys().cloned().collect();
        let find =
            |name: &str| self.binaries.get_key_value(name).map(|(name, binary)| (name.as_str(), binary));
        let crate_name = crate_name.to_owned();
        if let Some(bin) = named {
            let unknown = || ProgramError::UnknownBinary { crate_name, bin: bin.to_owned(), known: known() };
            return find(bin).ok_or_else(unknown);
        }
        let mut binaries = self.binaries.iter();
        match (binaries.next(), binaries.next()) {
            (None, _) => Err(ProgramError::NoBinary { crate_name }),
            (Some((name, binary)), None) => Ok((name, binary)),
            (Some(_), Some(_)) => self
                .default_run
                .as_deref()
                .and_then(find)
                .or_else(|| find(&crate_name))
                .ok_or_else(|| ProgramError::SeveralBinaries { crate_name, known: known() }),
        }
    }

    /// Says which required features are surely off. A feature of a dependency (`dependency/feature`) may be
    /// turned on in ways that only cargo knows, so it is left to cargo.
    fn features_not_enabled(
        &self,
        function: &FunctionCrate,
        bin: &str,
        binary: &Binary,
    ) -> Option<ProgramError> {
        let enabled = self.enabled(&function.features);
        let is_off = |feature: &&String| !feature.contains('/') && !enabled.contains(feature.as_str());
        let missing: Vec<String> = binary.required_features.iter().filter(is_off).cloned().collect();
        if missing.is_empty() {
            return None;
        }
        let wanted = function.features.iter().chain(&missing).cloned().collect::<BTreeSet<_>>();
        Some(ProgramError::FeaturesNotEnabled {
            crate_name: function.crate_name.clone(),
            bin: bin.to_owned(),
            missing,
            wanted: wanted.into_iter().collect(),
        })
    }

    /// Returns the features that are on: the default ones, those asked for, and all that these turn on.
    /// Source: The Cargo Book, Features (read 2026-12-01).
    fn enabled<'a>(&'a self, asked_for: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
        let mut next: Vec<&str> = asked_for.iter().map(String::as_str).chain(["default"]).collect();
        let mut enabled = BTreeSet::new();
        while let Some(feature) = next.pop() {
            let Some((feature, turned_on)) = self.features.get_key_value(feature) else { continue };
            if enabled.insert(feature.as_str()) {
                // `dependency/feature` turns on an optional dependency, and with it the feature of that name.
                next.extend(turned_on.iter().map(|it| it.split('/').next().unwrap_or(it)));
            }
        }
        enabled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(binaries: &[&str]) -> CargoPackage {
        let binaries = binaries.iter().map(|name| ((*name).to_owned(), Binary::default())).collect();
        CargoPackage { binaries, ..CargoPackage::default() }
    }

    fn workspace(name: &str, package: CargoPackage) -> CargoWorkspace {
        CargoWorkspace {
            packages: [(name.to_owned(), package)].into(),
            profiles: ["dev", "release"].map(str::to_owned).into(),
            ..CargoWorkspace::default()
        }
    }

    fn function(crate_name: &str) -> FunctionCrate {
        FunctionCrate { crate_name: crate_name.to_owned(), ..FunctionCrate::default() }
    }

    /// The binary, or every error with its help.
    fn program(workspace: &CargoWorkspace, function: &FunctionCrate) -> String {
        match workspace.program(function) {
            Ok(name) => name.to_owned(),
            Err(wrong) => {
                wrong.iter().map(|it| format!("{it}. {}", it.help())).collect::<Vec<_>>().join("\n")
            }
        }
    }

    #[test]
    fn only_binary_is_the_program_whatever_its_name() {
        assert_eq!(program(&workspace("api", package(&["bootstrap"])), &function("api")), "bootstrap");
    }

    #[test]
    fn of_several_binaries_the_named_one_is_taken_then_the_default_then_the_package_s_own() {
        let mut api = package(&["api", "migrate", "serve"]);
        assert_eq!(program(&workspace("api", api.clone()), &function("api")), "api");
        api.default_run = Some("serve".to_owned());
        let workspace = workspace("api", api);
        assert_eq!(program(&workspace, &function("api")), "serve");
        let named = FunctionCrate { bin: Some("migrate".to_owned()), ..function("api") };
        assert_eq!(program(&workspace, &named), "migrate");
    }

    #[test]
    fn choice_that_is_not_clear_lists_the_binaries() {
        let workspace = workspace("api", package(&["migrate", "serve"]));
        assert_eq!(
            program(&workspace, &function("api")),
            "the package `api` has several binaries: `migrate`, `serve`. Name the function's binary, such as \
             `bin: migrate`, or set `default-run` in the package's `Cargo.toml`."
        );
        let misspelt = FunctionCrate { bin: Some("sevre".to_owned()), ..function("api") };
        assert_eq!(
            program(&workspace, &misspelt),
            "the package `api` has no binary `sevre`. Did you mean `serve`?"
        );
    }

    #[test]
    fn library_is_no_program() {
        assert_eq!(
            program(&workspace("lib", package(&[])), &function("lib")),
            "the package `lib` has no binary. Add `src/main.rs` or a `[[bin]]` section to it."
        );
    }

    #[test]
    fn required_features_count_as_on_when_another_one_turns_them_on() {
        let mut api = package(&["api"]);
        let features = [("default", vec!["http"]), ("http", vec![]), ("full", vec!["tls"]), ("tls", vec![])];
        api.features =
            features.map(|(name, on)| (name.to_owned(), on.into_iter().map(str::to_owned).collect())).into();
        let required = ["http", "tls", "dependency/feature"].map(str::to_owned).to_vec();
        api.binaries.insert("api".to_owned(), Binary { required_features: required });
        let workspace = workspace("api", api);
        let with = |features: &[&str]| FunctionCrate {
            features: features.iter().map(|it| (*it).to_owned()).collect(),
            ..function("api")
        };
        assert_eq!(program(&workspace, &with(&["full"])), "api");
        assert_eq!(
            program(&workspace, &with(&["default"])),
            "the binary `api` of `api` requires the feature `tls`, which the function does not turn on. Add \
             `features: [default, tls]`."
        );
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let wrong = FunctionCrate {
            bin: Some("none".to_owned()),
            features: ["tlss".to_owned()].into(),
            profile: Some("relaese".to_owned()),
            ..function("api")
        };
        let mut api = package(&["api"]);
        api.features.insert("tls".to_owned(), Vec::new());
        assert_eq!(
            program(&workspace("api", api), &wrong),
            "there is no Cargo profile `relaese`. Did you mean `release`?\n\
             the package `api` has no feature `tlss`. Did you mean `tls`?\n\
             the package `api` has no binary `none`. Its binaries: `api`."
        );
    }

    #[test]
    fn package_outside_of_the_workspace_is_told_from_one_that_is_not_there() {
        let mut workspace = workspace("api", package(&["api"]));
        assert_eq!(
            program(&workspace, &function("apy")),
            "`apy` is not a package of the Cargo workspace. Did you mean `api`?"
        );
        let outsider = |is_excluded| Outsider { folder: "tools/x".to_owned(), is_excluded };
        workspace.outsiders.insert("x".to_owned(), outsider(true));
        assert_eq!(
            program(&workspace, &function("x")),
            "`x` in `tools/x` is excluded from the Cargo workspace. Remove it from `workspace.exclude` in the \
             workspace's `Cargo.toml`, or set `build.workspace` to the folder of the workspace that it belongs to."
        );
        workspace.outsiders.insert("x".to_owned(), outsider(false));
        assert_eq!(
            program(&workspace, &function("x")),
            "`x` in `tools/x` is not a member of the Cargo workspace. Add `\"tools/x\"` to `workspace.members` in \
             the workspace's `Cargo.toml`, or set `build.workspace` to the folder of the workspace that it belongs to."
        );
    }
}
