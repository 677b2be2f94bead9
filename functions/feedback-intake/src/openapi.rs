//! The OpenAPI 3.1 document, made from fields, problems and limits as the code has them.

use std::collections::BTreeMap;

use pipectl_invocation::http;
use pipectl_invocation::problem::{self, MEDIA_TYPE, SERVICE_UNAVAILABLE};
use pipectl_messages::RecordId;
use serde_json::{Map, Value, json};

use crate::email_address;
use crate::feedback::{Channel, MAX_COMMENT_CHARACTERS};
use crate::idempotency_key::IdempotencyKey;
use crate::problem::OF_SUBMISSION;

/// The document.
#[must_use]
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Feedback",
            "version": "1.0.0",
            "summary": "Takes customers' feedback.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "paths": { "/feedback": { "post": submit() } },
        "components": { "schemas": schemas() },
    })
}

fn submit() -> Value {
    json!({
        "operationId": "submitFeedback",
        "summary": "Submits feedback.",
        "description": "The feedback is stored soon after it was accepted. After a failure or a lost answer \
            repeat the request with the same `Idempotency-Key`: it is stored once.",
        "parameters": [{
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Names this submission; a new UUID for each.",
            "schema": { "type": "string", "pattern": IdempotencyKey::PATTERN },
        }],
        "requestBody": { "required": true, "content": json_of("Feedback") },
        "responses": responses(),
    })
}

fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    let accepted = json!({ "description": "The feedback is accepted.", "content": json_of("Acceptance") });
    responses.insert("202".to_owned(), accepted);
    responses.extend(problems());
    let too_many = json!({
        "description": "Too many requests; from the gateway.",
        "content": json_of("GatewayMessage"),
    });
    responses.insert("429".to_owned(), too_many);
    responses
}

/// Problems by their status.
fn problems() -> BTreeMap<String, Value> {
    let mut titles: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for kind in OF_SUBMISSION {
        titles.entry(kind.status).or_default().push(kind.title);
    }
    let response = |(status, titles): (u16, Vec<&str>)| {
        let content = json!({ MEDIA_TYPE: { "schema": reference("Problem") } });
        let mut response = json!({ "description": format!("{}.", titles.join(", or ")), "content": content });
        if status == SERVICE_UNAVAILABLE.status {
            response["headers"]["Retry-After"] = json!({
                "description": "Seconds to wait.",
                "required": true,
                "schema": { "type": "string", "pattern": "^[0-9]+$" },
            });
        }
        (status.to_string(), response)
    };
    titles.into_iter().map(response).collect()
}

fn schemas() -> Value {
    let channels: Vec<&str> = Channel::NAMES.iter().map(|(name, _)| *name).collect();
    json!({
        "Feedback": {
            "type": "object",
            "required": ["rating", "channel"],
            "properties": {
                "rating": { "description": "1 is bad, 5 is good.", "type": "integer", "minimum": 1, "maximum": 5 },
                "channel": { "description": "Where it was given.", "type": "string", "enum": channels },
                "comment": { "type": "string", "minLength": 1, "maxLength": MAX_COMMENT_CHARACTERS },
                "contact": {
                    "description": "E-mail address for questions.",
                    "type": "string",
                    "maxLength": email_address::MAX_LENGTH,
                    "pattern": email_address::PATTERN,
                },
            },
            "additionalProperties": false,
        },
        "Acceptance": {
            "type": "object",
            "required": ["id"],
            "properties": { "id": { "type": "string", "pattern": RecordId::PATTERN } },
            "additionalProperties": false,
        },
        "Problem": problem::schema(),
        "GatewayMessage": http::gateway_message_schema(),
    })
}

fn json_of(schema: &str) -> Value {
    json!({ "application/json": { "schema": reference(schema) } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
