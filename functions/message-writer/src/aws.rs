//! The effects on AWS.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_types::SdkConfig;
use pipectl_invocation::aws_error::AwsError;
use pipectl_invocation::clock::rfc_3339;
use pipectl_messages::Record;
use pipectl_records_table::attribute::{self, Item};
use pipectl_records_table::value;

use crate::effects::{Existing, Put, Table};

/// Absent, of an unknown history, or older and of other content.
const IS_NEWER: &str = "attribute_not_exists(#id) OR attribute_not_exists(#ordering) \
    OR (#ordering < :ordering AND #deduplication_id <> :deduplication_id)";

const WRITE: &str = "SET #source = :source, #position = :position, #body = :body, #ordering = :ordering, \
    #deduplication_id = :deduplication_id, #updated_at = :now, #created_at = if_not_exists(#created_at, :now), \
    #revision = if_not_exists(#revision, :zero) + :one REMOVE #deleted, #expires_at";

/// The records table in Amazon DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoDbTable {
    client: Client,
    table_name: String,
}

impl DynamoDbTable {
    /// The table `table_name`, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, table_name: &str) -> Self {
        Self { client: Client::new(settings), table_name: table_name.to_owned() }
    }

    fn update(&self, record: &Record) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table_name)
            .key(attribute::ID, text(record.id.as_str()))
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#ordering", attribute::ORDERING)
            .expression_attribute_names("#deduplication_id", attribute::DEDUPLICATION_ID)
            .expression_attribute_values(":ordering", text(&record.ordering))
            .expression_attribute_values(":deduplication_id", text(&record.deduplication_id))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

impl Table for DynamoDbTable {
    /// # Effects
    /// `dynamodb:UpdateItem`.
    async fn put_newer(&self, record: &Record, now: SystemTime) -> Result<Put, AwsError> {
        let result = self
            .update(record)
            .update_expression(WRITE)
            .condition_expression(IS_NEWER)
            .expression_attribute_names("#source", attribute::SOURCE)
            .expression_attribute_names("#position", attribute::POSITION)
            .expression_attribute_names("#body", attribute::BODY)
            .expression_attribute_names("#created_at", attribute::CREATED_AT)
            .expression_attribute_names("#updated_at", attribute::UPDATED_AT)
            .expression_attribute_names("#revision", attribute::REVISION)
            .expression_attribute_names("#deleted", attribute::DELETED)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":source", text(&record.source))
            .expression_attribute_values(":position", AttributeValue::N(record.position.number.to_string()))
            .expression_attribute_values(":body", value(record.body.clone()))
            .expression_attribute_values(":now", text(&rfc_3339(now)))
            .expression_attribute_values(":zero", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
            .await;
        match result {
            Ok(_) => Ok(Put::Written),
            Err(error) => match refused_by(error.as_service_error()) {
                Some(item) => Ok(Put::Refused(existing(item))),
                None => Err(AwsError::new("dynamodb:UpdateItem", &error)),
            },
        }
    }

    /// # Effects
    /// `dynamodb:UpdateItem`.
    async fn raise_ordering(&self, record: &Record) -> Result<bool, AwsError> {
        let result = self
            .update(record)
            .update_expression("SET #ordering = :ordering")
            .condition_expression(
                "attribute_exists(#id) AND #ordering < :ordering AND #deduplication_id = :deduplication_id",
            )
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) if refused_by(error.as_service_error()).is_some() => Ok(false),
            Err(error) => Err(AwsError::new("dynamodb:UpdateItem", &error)),
        }
    }
}

/// The item that a condition failed on: an empty one when it is absent.
fn refused_by(error: Option<&UpdateItemError>) -> Option<Item> {
    match error? {
        UpdateItemError::ConditionalCheckFailedException(refusal) => {
            Some(refusal.item().cloned().unwrap_or_default())
        }
        _ => None,
    }
}

fn existing(item: Item) -> Existing {
    let text = |name| attribute::text(&item, name).unwrap_or_default().to_owned();
    Existing { ordering: text(attribute::ORDERING), deduplication_id: text(attribute::DEDUPLICATION_ID) }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
