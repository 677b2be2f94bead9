//! Documents as attribute values.

use aws_sdk_dynamodb::types::AttributeValue;
use pipectl_messages::Document;

/// `document` as DynamoDB's own types; numbers keep their digits.
#[must_use]
pub fn value(document: Document) -> AttributeValue {
    match document {
        Document::Null => AttributeValue::Null(true),
        Document::Bool(value) => AttributeValue::Bool(value),
        Document::Number(text) => AttributeValue::N(text),
        Document::String(text) => AttributeValue::S(text),
        Document::List(elements) => AttributeValue::L(elements.into_iter().map(value).collect()),
        Document::Map(members) => {
            AttributeValue::M(members.into_iter().map(|(name, member)| (name, value(member))).collect())
        }
    }
}

/// The document that `value` holds; `None` for the types that JSON has not: binaries and sets.
#[must_use]
pub fn document(value: &AttributeValue) -> Option<Document> {
    match value {
        AttributeValue::Null(_) => Some(Document::Null),
        AttributeValue::Bool(value) => Some(Document::Bool(*value)),
        AttributeValue::N(text) => Document::from_json(text).ok(),
        AttributeValue::S(text) => Some(Document::String(text.clone())),
        AttributeValue::L(elements) => {
            elements.iter().map(document).collect::<Option<_>>().map(Document::List)
        }
        AttributeValue::M(members) => members
            .iter()
            .map(|(name, member)| Some((name.clone(), document(member)?)))
            .collect::<Option<_>>()
            .map(Document::Map),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_survives_the_table() {
        let text = r#"{"a":[null,true,-12.50,"x",{}],"b":12345678901234567890.123456789}"#;
        let original = Document::from_json(text).unwrap();
        assert_eq!(document(&value(original.clone())), Some(original));
    }

    #[test]
    fn types_that_json_has_not_are_no_document() {
        let set = AttributeValue::L(vec![AttributeValue::Ss(vec!["a".to_owned()])]);
        assert_eq!(document(&set), None);
    }
}
