//! Key attributes and key schemas of tables and indexes.

use serde::Serialize;

use crate::value::Value;

/// Type of a key attribute; other attributes have no declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum AttributeType {
    /// Binary.
    B,
    /// Number.
    N,
    /// String.
    S,
}

/// Name and type of an attribute that is part of a key of the table or of an index.
///
/// Source: AWS::DynamoDB::Table, AttributeDefinition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// The attribute's name, `1..=255` characters.
    pub attribute_name: Value<String>,
    /// The attribute's type.
    pub attribute_type: Value<AttributeType>,
}

impl AttributeDefinition {
    /// Declares a key attribute.
    pub fn new(name: impl Into<Value<String>>, attribute_type: AttributeType) -> Self {
        Self { attribute_name: name.into(), attribute_type: attribute_type.into() }
    }
}

/// Part that an attribute plays in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum KeyType {
    /// Partition key: decides where an item is stored.
    Hash,
    /// Sort key: orders the items of one partition key.
    Range,
}

/// One attribute of a key.
///
/// A table's key is a partition key, or a partition key and then a sort key. A global secondary index takes up to
/// four attributes of each. Each attribute needs an [`AttributeDefinition`].
/// Source: AWS::DynamoDB::Table, KeySchema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeySchema {
    /// The attribute's name, `1..=255` characters.
    pub attribute_name: Value<String>,
    /// Its part in the key.
    pub key_type: KeyType,
}

impl KeySchema {
    /// The partition key, or a part of it.
    pub fn partition_key(name: impl Into<Value<String>>) -> Self {
        Self { attribute_name: name.into(), key_type: KeyType::Hash }
    }

    /// The sort key, or a part of it.
    pub fn sort_key(name: impl Into<Value<String>>) -> Self {
        Self { attribute_name: name.into(), key_type: KeyType::Range }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::to_json;

    #[test]
    fn keys_render_aws_names() {
        let schema = [KeySchema::partition_key("id"), KeySchema::sort_key("at")];
        let expected = json!([
            {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"},
        ]);
        assert_eq!(to_json(&schema), expected);
    }

    #[test]
    fn attribute_types_are_single_letters() {
        let types = [AttributeType::B, AttributeType::N, AttributeType::S];
        assert_eq!(to_json(&types), json!(["B", "N", "S"]));
    }
}
