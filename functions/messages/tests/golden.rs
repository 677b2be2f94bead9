//! Released payload versions stay readable and are written byte for byte as they were.

use pipectl_messages::{
    Document, PayloadError, Position, Reason, Record, RecordId, RejectCode, RejectedRecord,
};

const RECORD_V1: &str = include_str!("golden/record.v1.json");
const REJECTED_RECORD_V1: &str = include_str!("golden/rejected_record.v1.json");

fn record() -> Record {
    Record {
        id: RecordId::new("order-17").expect("a legal fixture"),
        source: "s3://uploads/2026/orders.jsonl".to_owned(),
        position: Position { number: 3, offset: 118 },
        ordering: "000000000000000055aed6dcd90281e5.000000000003".to_owned(),
        deduplication_id: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b".to_owned(),
        body: Document::from_json(
            r#"{"amount":12.500000000000000000001,"lines":[1,2],"paid":false,"remark":null}"#,
        )
        .expect("a legal fixture"),
    }
}

fn rejected_record() -> RejectedRecord {
    RejectedRecord {
        source: "s3://uploads/2026/orders.jsonl".to_owned(),
        position: Position { number: 4, offset: 201 },
        reason: Reason { code: RejectCode::NotJson, message: "not JSON (line 1, column 7)".to_owned() },
        size: 42,
    }
}

#[test]
fn record_is_written_and_read_as_version_1() {
    assert_eq!(record().to_json(), RECORD_V1.trim_end());
    assert_eq!(Record::from_json(RECORD_V1), Ok(record()));
}

#[test]
fn rejected_record_is_written_and_read_as_version_1() {
    assert_eq!(rejected_record().to_json(), REJECTED_RECORD_V1.trim_end());
    assert_eq!(RejectedRecord::from_json(REJECTED_RECORD_V1), Ok(rejected_record()));
}

#[test]
fn unknown_fields_are_ignored() {
    let text = RECORD_V1.replacen('{', r#"{"added_later":[1],"#, 1);
    assert_eq!(Record::from_json(&text), Ok(record()));
}

#[test]
fn unknown_version_is_an_error_that_names_it() {
    let text = RECORD_V1.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(Record::from_json(&text), Err(PayloadError::UnknownVersion { found: 2, newest: 1 }));
}

#[test]
fn text_without_a_version_is_no_payload() {
    for text in ["", "[]", "{\"id\":\"a\"}", "not json"] {
        assert!(matches!(Record::from_json(text), Err(PayloadError::NotAPayload { .. })), "{text}");
    }
}

#[test]
fn a_missing_field_breaks_the_version() {
    let text = RECORD_V1.replacen("\"source\"", "\"origin\"", 1);
    assert!(matches!(Record::from_json(&text), Err(PayloadError::NotOfThisVersion { version: 1, .. })));
}

#[test]
fn a_rejected_record_is_not_read_as_a_record() {
    assert!(matches!(Record::from_json(REJECTED_RECORD_V1), Err(PayloadError::NotOfThisVersion { .. })));
}

#[test]
fn characters_that_the_queue_refuses_are_escaped() {
    let body = Document::String("a\u{ffff}\u{0}b".to_owned());
    let record = Record { body, ..record() };
    let text = record.to_json();
    assert!(text.contains(r"a\uffff\u0000b"), "{text}");
    assert_eq!(Record::from_json(&text), Ok(record));
}
