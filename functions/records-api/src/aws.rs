//! The effects on AWS.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_types::SdkConfig;
use pipectl_invocation::aws_error::AwsError;
use pipectl_invocation::clock::{epoch_milliseconds, rfc_3339};
use pipectl_messages::{Document, RecordId};
use pipectl_records_table::attribute::{self, Item};
use pipectl_records_table::{document, value};

use crate::effects::{Changed, Created, Page, PageRequest, Records};
use crate::precondition::Precondition;
use crate::record::StoredRecord;

/// Source of records made through the API.
const SOURCE_API: &str = "api";

/// Ordering of records made through the API: older than any message, which brings an object's word.
const OLDEST_ORDERING: &str = "00000000000000000000000000000000";

const CREATE: &str = "SET #source = :source, #body = :body, #created_at = :now, #updated_at = :now, \
    #revision = if_not_exists(#revision, :zero) + :one, \
    #ordering = if_not_exists(#ordering, :oldest), \
    #deduplication_id = if_not_exists(#deduplication_id, :source) \
    REMOVE #position, #deleted, #expires_at";
const IS_ABSENT: &str = "attribute_not_exists(#id) OR #deleted = :true";

const REPLACE: &str = "SET #body = :body, #updated_at = :now, #revision = #revision + :one";
const DELETE: &str = "SET #deleted = :true, #expires_at = :expires_at, #updated_at = :now, \
    #revision = #revision + :one REMOVE #body";
const IS_PRESENT: &str = "attribute_exists(#id) AND attribute_not_exists(#deleted)";

/// The records table in Amazon DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoDbRecords {
    client: Client,
    table_name: String,
    source_index: String,
}

/// What an update came to.
enum Updated {
    /// The item behind it.
    Done(Item),
    /// The item that its condition failed on; an empty one when it is absent.
    Refused(Item),
}

impl DynamoDbRecords {
    /// The table `table_name` with its index by source, reached by `settings`.
    #[must_use]
    pub fn new(settings: &SdkConfig, table_name: &str, source_index: &str) -> Self {
        Self {
            client: Client::new(settings),
            table_name: table_name.to_owned(),
            source_index: source_index.to_owned(),
        }
    }

    fn update(&self, id: &RecordId, now: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table_name)
            .key(attribute::ID, text(id.as_str()))
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#deleted", attribute::DELETED)
            .expression_attribute_names("#updated_at", attribute::UPDATED_AT)
            .expression_attribute_names("#revision", attribute::REVISION)
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Sends an update, which needs `dynamodb:UpdateItem`.
async fn send(update: UpdateItemFluentBuilder) -> Result<Updated, AwsError> {
    match update.send().await {
        Ok(output) => Ok(Updated::Done(output.attributes.unwrap_or_default())),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                Ok(Updated::Refused(refusal.item().cloned().unwrap_or_default()))
            }
            _ => Err(AwsError::new("dynamodb:UpdateItem", &error)),
        },
    }
}

/// Adds the precondition to a condition.
fn with_precondition(
    mut update: UpdateItemFluentBuilder,
    precondition: &Precondition,
) -> UpdateItemFluentBuilder {
    let Precondition::Revisions(revisions) = precondition else {
        return update.condition_expression(IS_PRESENT);
    };
    let mut alternatives = Vec::new();
    for (index, revision) in revisions.iter().enumerate() {
        let name = format!(":revision{index}");
        update = update.expression_attribute_values(&name, AttributeValue::N(revision.to_string()));
        alternatives.push(format!("#revision = {name}"));
    }
    // No revision is 0; an empty list must match none.
    if alternatives.is_empty() {
        alternatives.push("#revision < :one".to_owned());
    }
    update.condition_expression(format!("{IS_PRESENT} AND ({})", alternatives.join(" OR ")))
}

impl Records for DynamoDbRecords {
    /// # Effects
    /// `dynamodb:UpdateItem`.
    async fn create(&self, id: &RecordId, body: &Document, now: SystemTime) -> Result<Created, AwsError> {
        let now = rfc_3339(now);
        let update = self
            .update(id, &now)
            .update_expression(CREATE)
            .condition_expression(IS_ABSENT)
            .expression_attribute_names("#source", attribute::SOURCE)
            .expression_attribute_names("#body", attribute::BODY)
            .expression_attribute_names("#created_at", attribute::CREATED_AT)
            .expression_attribute_names("#ordering", attribute::ORDERING)
            .expression_attribute_names("#deduplication_id", attribute::DEDUPLICATION_ID)
            .expression_attribute_names("#position", attribute::POSITION)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":source", text(SOURCE_API))
            .expression_attribute_values(":body", value(body.clone()))
            .expression_attribute_values(":zero", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":oldest", text(OLDEST_ORDERING))
            .expression_attribute_values(":true", AttributeValue::Bool(true));
        let created = match send(update).await? {
            Updated::Done(item) => record(&item),
            Updated::Refused(item) => {
                record(&item).filter(|record| record.created_at == now && is_own(record, body, &now))
            }
        };
        Ok(created.map_or(Created::Exists, Created::Created))
    }

    /// # Effects
    /// `dynamodb:GetItem`.
    async fn get(&self, id: &RecordId) -> Result<Option<StoredRecord>, AwsError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table_name)
            .key(attribute::ID, text(id.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::new("dynamodb:GetItem", &error))?;
        Ok(output.item.as_ref().and_then(record))
    }

    /// # Effects
    /// `dynamodb:Scan` on the table, or `dynamodb:Query` on the index.
    async fn page(&self, request: &PageRequest) -> Result<Page, AwsError> {
        let limit = i32::try_from(request.limit).unwrap_or(i32::MAX);
        let start = request.after.as_deref().map(|after| start_key(after, request.source.as_deref()));
        let (items, last) = match &request.source {
            Some(source) => {
                let query = self.client.query().table_name(&self.table_name).index_name(&self.source_index);
                let output = query
                    .key_condition_expression("#source = :source")
                    .expression_attribute_names("#source", attribute::SOURCE)
                    .expression_attribute_values(":source", text(source))
                    .set_exclusive_start_key(start)
                    .limit(limit)
                    .send()
                    .await
                    .map_err(|error| AwsError::new("dynamodb:Query", &error))?;
                (output.items, output.last_evaluated_key)
            }
            None => {
                let scan = self.client.scan().table_name(&self.table_name);
                let output = scan
                    .set_exclusive_start_key(start)
                    .limit(limit)
                    .send()
                    .await
                    .map_err(|error| AwsError::new("dynamodb:Scan", &error))?;
                (output.items, output.last_evaluated_key)
            }
        };
        let next = last.as_ref().and_then(|key| attribute::text(key, attribute::ID)).map(ToOwned::to_owned);
        Ok(Page { records: items.unwrap_or_default().iter().filter_map(record).collect(), next })
    }

    /// # Effects
    /// `dynamodb:UpdateItem`.
    async fn replace(
        &self,
        id: &RecordId,
        body: &Document,
        precondition: &Precondition,
        now: SystemTime,
    ) -> Result<Changed<StoredRecord>, AwsError> {
        let now = rfc_3339(now);
        let update = self
            .update(id, &now)
            .update_expression(REPLACE)
            .expression_attribute_names("#body", attribute::BODY)
            .expression_attribute_values(":body", value(body.clone()));
        Ok(match send(with_precondition(update, precondition)).await? {
            Updated::Done(item) => record(&item).map_or(Changed::Missing, Changed::Done),
            Updated::Refused(item) => match record(&item) {
                Some(record) if is_own(&record, body, &now) => Changed::Done(record),
                Some(_) => Changed::PreconditionFailed,
                None => Changed::Missing,
            },
        })
    }

    /// # Effects
    /// `dynamodb:UpdateItem`.
    async fn delete(
        &self,
        id: &RecordId,
        precondition: &Precondition,
        now: SystemTime,
        expires_at: SystemTime,
    ) -> Result<Changed<()>, AwsError> {
        let now = rfc_3339(now);
        let update = self
            .update(id, &now)
            .update_expression(DELETE)
            .expression_attribute_names("#body", attribute::BODY)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":expires_at", seconds(expires_at));
        Ok(match send(with_precondition(update, precondition)).await? {
            Updated::Done(_) => Changed::Done(()),
            Updated::Refused(item) if attribute::is_tombstone(&item) => {
                let is_own = attribute::text(&item, attribute::UPDATED_AT) == Some(now.as_str());
                if is_own { Changed::Done(()) } else { Changed::Missing }
            }
            Updated::Refused(item) if item.is_empty() => Changed::Missing,
            Updated::Refused(_) => Changed::PreconditionFailed,
        })
    }
}

/// True when `record` is what an earlier attempt of this call made of it, whose answer was lost. Times have
/// milliseconds; another call would have to bring the same body in the same one.
fn is_own(record: &StoredRecord, body: &Document, now: &str) -> bool {
    record.updated_at == now && value(record.body.clone()) == value(body.clone())
}

/// The record that an item holds; `None` for a tombstone and for what is no record.
fn record(item: &Item) -> Option<StoredRecord> {
    if attribute::is_tombstone(item) {
        return None;
    }
    let text = |name| attribute::text(item, name).map(ToOwned::to_owned);
    Some(StoredRecord {
        id: text(attribute::ID)?,
        source: text(attribute::SOURCE)?,
        position: attribute::number(item, attribute::POSITION),
        body: document(item.get(attribute::BODY)?)?,
        revision: attribute::number(item, attribute::REVISION)?,
        created_at: text(attribute::CREATED_AT)?,
        updated_at: text(attribute::UPDATED_AT)?,
    })
}

fn start_key(after: &str, source: Option<&str>) -> Item {
    let source = source.map(|source| (attribute::SOURCE.to_owned(), text(source)));
    source.into_iter().chain([(attribute::ID.to_owned(), text(after))]).collect()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn seconds(time: SystemTime) -> AttributeValue {
    AttributeValue::N((epoch_milliseconds(time) / 1000).to_string())
}
