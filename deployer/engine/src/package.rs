//! Deployment packages: what is asked of packaging and what comes back.

use std::collections::BTreeMap;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCrate {
    /// Name of the function in the spec, for messages.
    pub function: String,
    /// Cargo package name; its binary of the same name is packed.
    pub crate_name: String,
    /// What the binary must run on; `None` builds for the host (the local engine).
    pub architecture: Option<Architecture>,
}

/// Returns the `Metadata` of a function resource that names its crate, so that the template alone
/// says what is to be built.
#[must_use]
pub fn crate_metadata(function: &str, crate_name: &str) -> Value {
    json!({"pipectl": {"crate": crate_name, "function": function}})
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
    Some(FunctionCrate {
        function: metadata.get("function").and_then(Value::as_str).unwrap_or(logical_id).to_owned(),
        crate_name: crate_name.to_owned(),
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
    fn key_of_somebody_else_has_no_digest() {
        assert_eq!(digest_of("packages/reader/v1.zip"), None);
        let digest = "a".repeat(64);
        assert_eq!(digest_of(&format!("packages/reader/{digest}.zip")), Some(digest.as_str()));
    }
}
