//! The OpenAPI 3.1 document, made from operations, problems and limits as the code has them.

use std::collections::BTreeMap;

use pipectl_invocation::http;
use pipectl_invocation::problem::{self, MEDIA_TYPE, SERVICE_UNAVAILABLE};
use pipectl_messages::RecordId;
use serde_json::{Map, Value, json};

use crate::operation::{Operation, RECORDS_PATH};
use crate::problem::RECORD_NOT_FOUND;
use crate::query::{DEFAULT_LIMIT, MAX_LIMIT};

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in Operation::ALL {
        let path = paths.entry(operation.path()).or_default();
        path.insert(operation.method().to_lowercase(), describe(operation));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Records",
            "version": "1.0.0",
            "summary": "Records of objects put into a bucket, and records made through this API.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "paths": paths,
        "components": { "schemas": schemas(), "parameters": parameters(), "headers": headers() },
    })
}

fn describe(operation: Operation) -> Value {
    let (id, summary) = words(operation);
    let mut description = json!({ "operationId": id, "summary": summary, "responses": responses(operation) });
    let parameters: &[&str] = match operation {
        Operation::CreateRecord => &[],
        Operation::ListRecords => &["Limit", "NextToken", "Source"],
        Operation::GetRecord => &["Id"],
        Operation::ReplaceRecord | Operation::DeleteRecord => &["Id", "IfMatch"],
    };
    if !parameters.is_empty() {
        description["parameters"] = parameters.iter().map(|name| reference("parameters", name)).collect();
    }
    let content = match operation {
        Operation::CreateRecord => Some("NewRecord"),
        Operation::ReplaceRecord => Some("RecordReplacement"),
        Operation::ListRecords | Operation::GetRecord | Operation::DeleteRecord => None,
    };
    if let Some(schema) = content {
        let content = json!({ "application/json": { "schema": reference("schemas", schema) } });
        description["requestBody"] = json!({ "required": true, "content": content });
    }
    description
}

fn words(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::CreateRecord => ("createRecord", "Makes a record."),
        Operation::ListRecords => ("listRecords", "Lists records, page by page."),
        Operation::GetRecord => ("getRecord", "Gives a record."),
        Operation::ReplaceRecord => ("replaceRecord", "Replaces the body of a record."),
        Operation::DeleteRecord => ("deleteRecord", "Deletes a record."),
    }
}

fn responses(operation: Operation) -> Map<String, Value> {
    let mut responses = Map::new();
    let (status, description, schema) = match operation {
        Operation::CreateRecord => ("201", "The new record.", Some("Record")),
        Operation::ListRecords => ("200", "A page of records.", Some("RecordPage")),
        Operation::GetRecord => ("200", "The record.", Some("Record")),
        Operation::ReplaceRecord => ("200", "The record as it is now.", Some("Record")),
        Operation::DeleteRecord => ("204", "The record is deleted.", None),
    };
    let mut success = json!({ "description": description });
    if let Some(schema) = schema {
        success["content"] = json!({ "application/json": { "schema": reference("schemas", schema) } });
    }
    if schema == Some("Record") {
        success["headers"] = json!({ "ETag": reference("headers", "ETag") });
    }
    if operation == Operation::CreateRecord {
        success["headers"]["Location"] = reference("headers", "Location");
        success["links"] = links();
    }
    responses.insert(status.to_owned(), success);
    responses.extend(problems(operation));
    responses.extend(gateway(operation));
    responses
}

/// Problems of an operation by their status.
fn problems(operation: Operation) -> BTreeMap<String, Value> {
    let mut titles: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for kind in operation.problems() {
        titles.entry(kind.status).or_default().push(kind.title);
    }
    let response = |(status, titles): (u16, Vec<&str>)| {
        let content = json!({ MEDIA_TYPE: { "schema": reference("schemas", "Problem") } });
        let mut response = json!({ "description": format!("{}.", titles.join(", or ")), "content": content });
        if status == SERVICE_UNAVAILABLE.status {
            response["headers"] = json!({ "Retry-After": reference("headers", "RetryAfter") });
        }
        (status.to_string(), response)
    };
    titles.into_iter().map(response).collect()
}

/// Answers that the gateway gives in place of the function: to too many requests, and to ids that are no
/// segment of a path.
fn gateway(operation: Operation) -> Vec<(String, Value)> {
    let message = json!({ "schema": reference("schemas", "GatewayMessage") });
    let too_many = json!({
        "description": "Too many requests; from the gateway.",
        "content": { "application/json": message },
    });
    let mut responses = vec![("429".to_owned(), too_many)];
    if operation.path() != RECORDS_PATH {
        let problem = json!({ "schema": reference("schemas", "Problem") });
        let not_found = json!({
            "description": format!("{}; or no such path, from the gateway.", RECORD_NOT_FOUND.title),
            "content": { MEDIA_TYPE: problem, "application/json": message },
        });
        responses.push(("404".to_owned(), not_found));
    }
    responses
}

/// What can be done with a new record.
fn links() -> Value {
    let link = |operation: Operation| json!({ "operationId": words(operation).0, "parameters": { "id": "$response.body#/id" } });
    json!({
        "get": link(Operation::GetRecord),
        "replace": link(Operation::ReplaceRecord),
        "delete": link(Operation::DeleteRecord),
    })
}

fn schemas() -> Value {
    let id = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": RecordId::MAX_LENGTH,
        "pattern": RecordId::PATTERN,
    });
    let member = json!({
        "type": "object",
        "propertyNames": { "minLength": 1 },
        "additionalProperties": reference("schemas", "Value"),
    });
    let mut body = member.clone();
    body["description"] =
        "A JSON object that DynamoDB can hold: nested up to 31 levels, names not empty, numbers \
        of up to 38 significant digits, 0 or from 1E-130 to below 1E+126 in magnitude."
            .into();
    json!({
        "RecordId": id,
        "RecordBody": body,
        "Value": {
            "description": "A value within a record.",
            "anyOf": [
                { "type": ["null", "boolean", "string"] },
                { "type": "number", "exclusiveMinimum": -1e126, "exclusiveMaximum": 1e126 },
                { "type": "array", "items": reference("schemas", "Value") },
                member,
            ],
        },
        "Record": record(),
        "RecordPage": {
            "type": "object",
            "required": ["items"],
            "properties": {
                "items": { "type": "array", "maxItems": MAX_LIMIT, "items": reference("schemas", "Record") },
                "next_token": { "description": "Absent on the last page.", "type": "string", "minLength": 1 },
            },
            "additionalProperties": false,
        },
        "NewRecord": {
            "type": "object",
            "required": ["body"],
            "properties": { "id": reference("schemas", "RecordId"), "body": reference("schemas", "RecordBody") },
            "additionalProperties": false,
        },
        "RecordReplacement": {
            "type": "object",
            "required": ["body"],
            "properties": { "body": reference("schemas", "RecordBody") },
            "additionalProperties": false,
        },
        "Problem": problem::schema(),
        "GatewayMessage": http::gateway_message_schema(),
    })
}

fn record() -> Value {
    json!({
        "type": "object",
        "required": ["id", "source", "body", "revision", "created_at", "updated_at"],
        "properties": {
            "id": reference("schemas", "RecordId"),
            "source": { "description": "`s3://<bucket>/<key>` of its object, or `api`.", "type": "string" },
            "position": { "description": "Line or element number.", "type": "integer", "minimum": 1 },
            "body": { "description": "Any JSON value; an object where it was made through this API." },
            "revision": { "description": "Count of changes.", "type": "integer", "minimum": 1 },
            "created_at": { "type": "string", "format": "date-time" },
            "updated_at": { "type": "string", "format": "date-time" },
        },
        "additionalProperties": false,
    })
}

fn parameters() -> Value {
    json!({
        "Id": { "name": "id", "in": "path", "required": true, "schema": reference("schemas", "RecordId") },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "Change only a revision that one of these entity tags names.",
            "schema": {
                "type": "string",
                "anyOf": [
                    { "const": "*" },
                    { "pattern": "^(W/)?\"[!#-~]*\"( *, *(W/)?\"[!#-~]*\"){0,49}$" },
                ],
            },
        },
        "Limit": {
            "name": "limit",
            "in": "query",
            "description": "Most records of the page.",
            "schema": { "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT },
        },
        "NextToken": {
            "name": "next_token",
            "in": "query",
            "description": "`next_token` of the page before, with the same `source`.",
            "schema": { "type": "string", "minLength": 1 },
        },
        "Source": {
            "name": "source",
            "in": "query",
            "description": "Only records of this source.",
            "schema": { "type": "string", "minLength": 1 },
        },
    })
}

fn headers() -> Value {
    json!({
        "ETag": {
            "description": "Names the revision, for `If-Match`.",
            "required": true,
            "schema": { "type": "string", "pattern": "^\"[1-9][0-9]*\"$" },
        },
        "Location": {
            "description": "The record, relative to this request.",
            "required": true,
            "schema": { "type": "string", "format": "uri-reference" },
        },
        "RetryAfter": {
            "description": "Seconds to wait.",
            "required": true,
            "schema": { "type": "string", "pattern": "^[0-9]+$" },
        },
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
