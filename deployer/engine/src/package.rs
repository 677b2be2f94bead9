//! Deployment packages: what is asked of packaging and what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

/// The instruction set a function runs on. Source: `AWS::Lambda::Function`, Architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// `arm64`, AWS Graviton.
    Arm64,
    /// `x86_64`.
    X86_64,
}

impl Architecture {
    /// Returns AWS's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

/// One function crate to build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionCrate {
    /// Name of the function in the spec, for messages.
    pub function: String,
    /// Cargo package name.
    pub crate_name: String,
    /// Binary of the package; `None` for the one that [`CargoWorkspace::program`] finds.
    ///
    /// [`CargoWorkspace::program`]: crate::program::CargoWorkspace::program
    pub bin: Option<String>,
    /// Features of the package to turn on besides its default ones.
    pub features: BTreeSet<String>,
    /// Cargo profile; `None` for the packager's own.
    pub profile: Option<String>,
    /// What the binary must run on; `None` builds for the host (the local engine).
    pub architecture: Option<Architecture>,
}

impl FunctionCrate {
    /// True when both are built to the same package: the name of the function does not matter.
    #[must_use]
    pub fn has_package_of(&self, other: &Self) -> bool {
        let Self { function: _, crate_name, bin, features, profile, architecture } = self;
        (crate_name, bin, features, profile, architecture)
            == (&other.crate_name, &other.bin, &other.features, &other.profile, &other.architecture)
    }
}

/// Returns the `Metadata` of a function resource that names its crate, so that the template alone
/// says what is to be built.
#[must_use]
pub fn crate_metadata(function: &FunctionCrate) -> Value {
    let FunctionCrate { function, crate_name, bin, features, profile, architecture: _ } = function;
    let mut metadata = json!({"crate": crate_name, "function": function});
    let choices = [
        ("bin", bin.as_ref().map(|bin| json!(bin))),
        ("features", (!features.is_empty()).then(|| json!(features))),
        ("profile", profile.as_ref().map(|profile| json!(profile))),
    ];
    for (key, value) in choices.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        metadata[key] = value;
    }
    json!({"pipectl": metadata})
}

/// Reads the function crates of a template by logical ID, as [`crate_metadata`] names them.
#[must_use]
pub fn function_crates(template: &Value) -> BTreeMap<String, FunctionCrate> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources
        .into_iter()
        .flatten()
        .filter_map(|(id, it)| Some((id.clone(), function_crate(id, it)?)))
        .collect()
}

fn function_crate(logical_id: &str, resource: &Value) -> Option<FunctionCrate> {
    let metadata = resource.pointer("/Metadata/pipectl")?;
    let crate_name = metadata.get("crate")?.as_str()?;
    // What AWS takes when the property is absent.
    let architecture = match resource.pointer("/Properties/Architectures/0").and_then(Value::as_str) {
        Some("arm64") => Architecture::Arm64,
        _ => Architecture::X86_64,
    };
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).map(str::to_owned);
    let features = metadata.get("features").and_then(Value::as_array).into_iter().flatten();
    Some(FunctionCrate {
        function: text("function").unwrap_or_else(|| logical_id.to_owned()),
        crate_name: crate_name.to_owned(),
        bin: text("bin"),
        features: features.filter_map(Value::as_str).map(str::to_owned).collect(),
        profile: text("profile"),
        architecture: Some(architecture),
    })
}

/// One deployment package, ready to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name of the function in the spec.
    pub function: String,
    /// Cargo package name.
    pub crate_name: String,
    /// The zip file.
    pub path: PathBuf,
    /// SHA-256 of the zip in lower-case hexadecimal.
    pub sha256: String,
    /// Size of the zip in bytes.
    pub bytes: u64,
}

impl Package {
    /// Returns the object key under which the package is stored: a function of its content alone.
    #[must_use]
    pub fn key(&self) -> String {
        format!("packages/{}/{}.zip", self.crate_name, self.sha256)
    }
}

/// Reads the digest in the name of a package of ours; see [`Package::key`].
#[must_use]
pub fn digest_of(key: &str) -> Option<&str> {
    let digest = key.rsplit('/').next()?.strip_suffix(".zip")?;
    (digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_says_all_that_is_to_be_built() {
        let function = FunctionCrate {
            function: "api".to_owned(),
            crate_name: "shop".to_owned(),
            bin: Some("serve".to_owned()),
            features: ["tls".to_owned()].into(),
            profile: Some("release".to_owned()),
            architecture: Some(Architecture::Arm64),
        };
        let template = json!({"Resources": {"ApiFunction": {
            "Metadata": crate_metadata(&function), "Properties": {"Architectures": ["arm64"]},
        }}});
        assert_eq!(function_crates(&template), [("ApiFunction".to_owned(), function)].into());
    }

    #[test]
    fn key_of_somebody_else_has_no_digest() {
        assert_eq!(digest_of("packages/reader/v1.zip"), None);
        let digest = "a".repeat(64);
        assert_eq!(digest_of(&format!("packages/reader/{digest}.zip")), Some(digest.as_str()));
    }
}
