//! Requests and their responses.

use pipectl_invocation::aws_error::Retry;
use pipectl_invocation::http::HttpResponse;
use serde_json::json;

use crate::support::{Api, content, if_match, request, with_content};

const CONTENT: &str = r#"{"body":{"name":"new","amount":12.500000000000000000001}}"#;

/// Status and kind of a problem.
fn problem(response: &HttpResponse) -> (u16, String) {
    assert_eq!(response.headers["content-type"], "application/problem+json");
    let content = content(response);
    assert_eq!(content["status"], response.status_code);
    let kind = content["type"].as_str().expect("a type").replace("urn:pipectl:problem:", "");
    (response.status_code, kind)
}

#[test]
fn new_record_has_location_and_entity_tag() {
    let response =
        Api::new().serve(with_content(request("POST", "/records"), r#"{"id":"a:1","body":{"n":1}}"#));
    assert_eq!(response.status_code, 201);
    assert_eq!(
        (response.headers["location"].as_str(), response.headers["etag"].as_str()),
        ("records/a:1", "\"1\"")
    );
    assert_eq!(
        content(&response),
        json!({
            "id": "a:1", "source": "api", "body": {"n": 1}, "revision": 1,
            "created_at": "2026-11-23T13:00:00Z", "updated_at": "2026-11-23T13:00:00Z",
        })
    );
}

#[test]
fn record_without_an_id_gets_that_of_the_invocation() {
    let response = Api::new().serve(with_content(request("POST", "/records"), CONTENT));
    assert_eq!(content(&response)["id"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
}

#[test]
fn numbers_keep_every_digit() {
    let response = Api::new().serve(with_content(request("POST", "/records"), CONTENT));
    assert!(response.body.expect("content").contains("12.500000000000000000001"));
}

#[test]
fn existing_id_is_a_conflict() {
    let response =
        Api::with_records(1).serve(with_content(request("POST", "/records"), r#"{"id":"r00","body":{}}"#));
    assert_eq!(problem(&response), (409, "record-exists".to_owned()));
}

#[test]
fn record_is_given_with_its_entity_tag() {
    let response = Api::with_records(1).serve(request("GET", "/records/r00"));
    assert_eq!((response.status_code, response.headers["etag"].as_str()), (200, "\"1\""));
}

#[test]
fn replacing_raises_the_revision_and_keeps_the_creation() {
    let api = Api::with_records(1);
    let response = api.serve(with_content(request("PUT", "/records/r00"), CONTENT));
    assert_eq!((response.status_code, response.headers["etag"].as_str()), (200, "\"2\""));
    let record = content(&response);
    assert_eq!(
        (&record["body"]["name"], &record["created_at"]),
        (&"new".into(), &"2026-11-23T13:00:00Z".into())
    );
    assert_ne!(record["updated_at"], record["created_at"]);
}

#[test]
fn deleted_record_is_gone_and_remembered_for_fifteen_days() {
    let api = Api::with_records(1);
    let response = api.serve(request("DELETE", "/records/r00"));
    assert_eq!((response.status_code, response.body), (204, None));
    for method in ["GET", "DELETE"] {
        let response = api.serve(request(method, "/records/r00"));
        assert_eq!(problem(&response), (404, "record-not-found".to_owned()));
    }
    let expires_at = api.function.records.items.lock().unwrap()["r00"].expires_at.expect("a tombstone");
    let days =
        expires_at.duration_since(pipectl_invocation::clock::Clock::now(&*api.clock)).unwrap().as_secs()
            / 86_400;
    assert_eq!(days, 14, "some seconds short of fifteen");
}

#[test]
fn record_made_again_goes_on_counting_revisions() {
    let api = Api::with_records(1);
    api.serve(request("DELETE", "/records/r00"));
    let response = api.serve(with_content(request("POST", "/records"), r#"{"id":"r00","body":{}}"#));
    assert_eq!((response.status_code, response.headers["etag"].as_str()), (201, "\"3\""));
}

#[test]
fn changes_need_the_revision_that_if_match_names() {
    let api = Api::with_records(1);
    for (method, value, status) in [
        ("PUT", "\"2\"", 412),
        ("DELETE", "W/\"1\"", 412),
        ("DELETE", "\"\"", 412),
        ("PUT", "\"7\", \"1\"", 200),
        ("DELETE", "1", 400),
        ("DELETE", "*", 204),
    ] {
        let request = with_content(request(method, "/records/r00"), CONTENT);
        assert_eq!(api.serve(if_match(request, value)).status_code, status, "{method} {value}");
    }
}

#[test]
fn records_that_do_not_exist_are_not_found() {
    let api = Api::new();
    for method in ["GET", "PUT", "DELETE"] {
        let response = api.serve(with_content(request(method, "/records/none"), CONTENT));
        assert_eq!(problem(&response), (404, "record-not-found".to_owned()), "{method}");
    }
}

#[test]
fn ids_that_cannot_exist_are_refused() {
    let api = Api::new();
    for method in ["GET", "PUT", "DELETE"] {
        let response = api.serve(with_content(request(method, "/records/a b"), CONTENT));
        assert_eq!(problem(&response), (400, "invalid-parameter".to_owned()), "{method}");
    }
}

#[test]
fn escaped_id_is_unescaped() {
    let mut request = request("GET", "/records/r%30%30");
    assert_eq!(Api::with_records(1).serve(request.clone()).status_code, 200);
    request["pathParameters"] = json!({ "id": "r00" });
    assert_eq!(Api::with_records(1).serve(request).status_code, 200);
}

#[test]
fn unknown_paths_and_methods_are_told_apart() {
    let api = Api::new();
    assert_eq!(problem(&api.serve(request("GET", "/other"))), (404, "path-not-found".to_owned()));
    let response = api.serve(request("PATCH", "/records"));
    assert_eq!(problem(&response), (405, "method-not-allowed".to_owned()));
    assert_eq!(response.headers["allow"], "POST, GET");
}

#[test]
fn content_that_is_no_json_is_malformed() {
    for text in ["", "{", "\u{0}", "{\"body\":{}} x"] {
        let response = Api::new().serve(with_content(request("POST", "/records"), text));
        assert_eq!(problem(&response), (400, "malformed-content".to_owned()), "{text}");
    }
}

#[test]
fn all_faults_of_a_record_are_told_with_their_places() {
    let text = r#"{"id":"a b","body":[],"x/y":1}"#;
    let response = Api::new().serve(with_content(request("POST", "/records"), text));
    assert_eq!(problem(&response), (422, "invalid-record".to_owned()));
    let content = content(&response);
    let faults = content["errors"].as_array().expect("faults");
    let pointers: Vec<&str> = faults.iter().filter_map(|fault| fault["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/id", "/body", "/x~1y"]);
}

#[test]
fn records_that_the_table_cannot_hold_are_invalid() {
    for text in [r#"{"body":{"n":1e999}}"#, r#"{"body":{"":1}}"#, "[]", "null", r#"{"id":null,"body":{}}"#] {
        let response = Api::new().serve(with_content(request("POST", "/records"), text));
        assert_eq!(problem(&response), (422, "invalid-record".to_owned()), "{text}");
    }
}

#[test]
fn replacement_cannot_name_an_id() {
    let response =
        Api::with_records(1).serve(with_content(request("PUT", "/records/r00"), r#"{"id":"r00","body":{}}"#));
    assert_eq!(problem(&response), (422, "invalid-record".to_owned()));
}

#[test]
fn content_that_is_too_large_is_refused() {
    let text = format!(r#"{{"body":{{"text":"{}"}}}}"#, "x".repeat(262_144));
    let response = Api::new().serve(with_content(request("POST", "/records"), &text));
    assert_eq!(problem(&response), (413, "content-too-large".to_owned()));
}

#[test]
fn content_that_is_not_announced_as_json_is_not_supported() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let mut request = with_content(request("POST", "/records"), CONTENT);
        request["headers"]["content-type"] = content_type.into();
        assert_eq!(problem(&Api::new().serve(request)), (415, "unsupported-media-type".to_owned()));
    }
}

#[test]
fn content_in_base64_is_decoded() {
    let mut request = with_content(request("POST", "/records"), "eyJib2R5Ijp7fX0=");
    request["isBase64Encoded"] = true.into();
    request["headers"]["content-type"] = "application/json; charset=utf-8".into();
    assert_eq!(Api::new().serve(request.clone()).status_code, 201);
    request["body"] = "no base 64".into();
    assert_eq!(problem(&Api::new().serve(request)), (400, "malformed-content".to_owned()));
}

#[test]
fn failure_of_the_table_is_logged_and_not_told() {
    let api = Api::new();
    for (retry, status) in [(Retry::Useless, 500), (Retry::Throttled, 503), (Retry::Transient, 503)] {
        *api.function.records.failure.lock().unwrap() = Some(retry);
        let response = api.serve(request("GET", "/records/r00"));
        assert_eq!(problem(&response).0, status);
        assert_eq!(response.headers.contains_key("retry-after"), status == 503);
        assert!(!format!("{response:?}").contains("secret"));
    }
    assert!(format!("{:?}", api.output.lines()).contains("AccessDeniedException"));
}

#[test]
fn log_has_one_line_a_request_and_no_content() {
    let api = Api::new();
    api.serve(with_content(request("POST", "/records"), r#"{"body":{"secret":1}}"#));
    let lines = api.output.lines();
    assert_eq!((lines.len(), &lines[0]["status"], &lines[0]["outcome"]), (1, &201.into(), &"served".into()));
    assert!(!format!("{lines:?}").contains("secret"));
}
