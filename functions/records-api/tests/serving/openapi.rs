//! The checked-in OpenAPI document is the one that the code makes.

use std::collections::BTreeSet;
use std::path::Path;

use records_api::record::StoredRecord;
use serde_json::Value;

use crate::support::{Api, content, request};

/// Rewrites the file when `UPDATE_GOLDEN` is 1.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one documented variable that rewrites golden files")]
fn checked_in_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = format!("{:#}\n", records_api::openapi::document());
    if std::env::var("UPDATE_GOLDEN").as_deref() == Ok("1") {
        std::fs::write(&path, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == checked_in, "openapi.json is not what the code makes; UPDATE_GOLDEN=1 rewrites it");
}

#[test]
fn described_record_has_the_fields_of_the_representation() {
    let record = StoredRecord {
        id: "a".to_owned(),
        source: "api".to_owned(),
        position: Some(1),
        body: pipectl_messages::Document::Null,
        revision: 1,
        created_at: String::new(),
        updated_at: String::new(),
    };
    let fields =
        |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    let document = records_api::openapi::document();
    let described = &document["components"]["schemas"]["Record"]["properties"];
    assert_eq!(fields(described), fields(&serde_json::to_value(record).unwrap()));
}

#[test]
fn described_problem_has_the_fields_of_a_response() {
    let response = Api::new().serve(request("GET", "/records/a b"));
    let document = records_api::openapi::document();
    let described =
        document["components"]["schemas"]["Problem"]["properties"].as_object().expect("an object");
    assert!(
        content(&response).as_object().expect("an object").keys().all(|name| described.contains_key(name))
    );
}
