//! Deployment packages: what is asked of packaging and what comes back.

use std::path::PathBuf;

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
