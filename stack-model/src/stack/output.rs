//! Values that a stack shows.

use serde_json::{Value as Json, json};

use crate::logical_id::LogicalId;
use crate::value::Value;

/// A value that the stack shows to people and to other stacks.
///
/// Source: CloudFormation template anatomy, Outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What is shown.
    pub value: Value<String>,
    /// What it is; at most 1,024 bytes.
    pub description: Option<String>,
    /// Name for `Fn::ImportValue`, unique in account and Region. An imported export cannot be changed or removed.
    pub export_name: Option<Value<String>>,
    /// Shown only when this condition holds.
    pub condition: Option<LogicalId>,
}

impl Output {
    /// An output with nothing but its value.
    #[must_use]
    pub fn new(value: impl Into<Value<String>>) -> Self {
        Self { value: value.into(), description: None, export_name: None, condition: None }
    }

    /// Says what it is.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    pub(super) fn to_json(&self) -> Json {
        let mut json = json!({ "Value": self.value });
        let export = self.export_name.as_ref().map(|name| json!({ "Name": name }));
        let optional = [
            ("Description", self.description.as_ref().map(|text| json!(text))),
            ("Export", export),
            ("Condition", self.condition.as_ref().map(|id| json!(id))),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                json[name] = value;
            }
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_renders_export_and_condition() {
        let output = Output {
            export_name: Some("shared-url".into()),
            condition: Some(LogicalId::new("IsProd").unwrap()),
            ..Output::new("x").described("d")
        };
        let expected = json!({"Value": "x", "Description": "d", "Export": {"Name": "shared-url"}, "Condition": "IsProd"});
        assert_eq!(output.to_json(), expected);
    }
}
