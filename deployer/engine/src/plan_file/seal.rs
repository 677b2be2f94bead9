//! Writes and reads a plan file so that what is read is what was written.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::{PlanFile, VERSION};
use crate::digest::sha256_hex;

/// Why a text is no plan that can be carried out.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not the JSON of a plan.
    #[error("it is not a plan")]
    Malformed(#[source] serde_json::Error),
    /// Another version of pipectl wrote it.
    #[error("it has version {found} of the plan's form, this pipectl reads {VERSION}")]
    Version {
        /// The version found.
        found: u64,
    },
    /// It is not as it was written.
    #[error("it was changed after it was written: its digest is {actual}, not `{written}`")]
    Changed {
        /// The digest written in it.
        written: String,
        /// The digest that it has.
        actual: String,
    },
}

impl PlanFile {
    /// Sets the digest.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = String::new();
        self.digest = sha256_hex(&self.to_json().to_string());
        self
    }

    /// Returns the plan as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // Only map keys that are no texts can fail, and there are none.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Reads a plan file.
///
/// # Errors
/// See [`PlanFileError`].
pub fn read(text: &str) -> Result<PlanFile, PlanFileError> {
    let value: Value = serde_json::from_str(text).map_err(PlanFileError::Malformed)?;
    match value.get("version").and_then(Value::as_u64) {
        Some(found) if found != u64::from(VERSION) => return Err(PlanFileError::Version { found }),
        _ => {}
    }
    let plan: PlanFile = serde_json::from_value(value).map_err(PlanFileError::Malformed)?;
    let written = plan.digest.clone();
    let plan = plan.sealed();
    if plan.digest == written {
        Ok(plan)
    } else {
        Err(PlanFileError::Changed { written, actual: plan.digest })
    }
}

/// Returns the JSON Schema (2020-12) of a plan file.
#[must_use]
pub fn schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = false;
    let mut schema = settings.into_generator().into_root_schema_for::<PlanFile>().to_value();
    schema["properties"]["version"] = json!({"const": VERSION, "description": "Version of the file's form."});
    schema["$comment"] = json!("Generated from deployer/engine/src/plan_file.rs; do not edit.");
    schema
}
