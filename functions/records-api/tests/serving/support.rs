//! A table in memory, requests, and one way to serve them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::clock::rfc_3339;
use pipectl_invocation::http::{HttpEvent, HttpResponse};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput, invocation, log};
use pipectl_messages::{Document, RecordId};
use records_api::config::Config;
use records_api::effects::{Changed, Created, Page, PageRequest, Records};
use records_api::handler::{Function, handle};
use records_api::precondition::Precondition;
use records_api::record::StoredRecord;
use serde_json::{Value, json};

/// An item: a record, and whether it is a tombstone.
#[derive(Debug, Clone)]
pub(crate) struct StoredItem {
    pub(crate) record: StoredRecord,
    pub(crate) expires_at: Option<SystemTime>,
}

/// Holds to the contract of [`Records`], in the order of ids.
#[derive(Default)]
pub(crate) struct MemoryRecords {
    pub(crate) items: Mutex<BTreeMap<String, StoredItem>>,
    pub(crate) failure: Mutex<Option<Retry>>,
}

impl MemoryRecords {
    fn failure(&self) -> Result<(), AwsError> {
        let failure = self.failure.lock().expect("no panic");
        failure.map_or(Ok(()), |retry| {
            Err(AwsError {
                operation: "dynamodb:GetItem",
                code: Some("AccessDeniedException".to_owned()),
                message: "arn:aws:iam::123456789012:role/secret".to_owned(),
                request_id: None,
                retry,
            })
        })
    }

    /// Changes a record that exists and meets the precondition.
    fn change(
        &self,
        id: &RecordId,
        precondition: &Precondition,
        now: SystemTime,
        work: impl FnOnce(&mut StoredItem),
    ) -> Result<Changed<StoredRecord>, AwsError> {
        self.failure()?;
        let mut items = self.items.lock().expect("no panic");
        let Some(item) = items.get_mut(id.as_str()).filter(|item| item.expires_at.is_none()) else {
            return Ok(Changed::Missing);
        };
        if let Precondition::Revisions(revisions) = precondition
            && !revisions.contains(&item.record.revision)
        {
            return Ok(Changed::PreconditionFailed);
        }
        item.record.revision += 1;
        item.record.updated_at = rfc_3339(now);
        work(item);
        Ok(Changed::Done(item.record.clone()))
    }
}

impl Records for MemoryRecords {
    async fn create(&self, id: &RecordId, body: &Document, now: SystemTime) -> Result<Created, AwsError> {
        self.failure()?;
        let mut items = self.items.lock().expect("no panic");
        let old = items.get(id.as_str());
        if old.is_some_and(|item| item.expires_at.is_none()) {
            return Ok(Created::Exists);
        }
        let record = StoredRecord {
            id: id.as_str().to_owned(),
            source: "api".to_owned(),
            position: None,
            body: body.clone(),
            revision: old.map_or(0, |item| item.record.revision) + 1,
            created_at: rfc_3339(now),
            updated_at: rfc_3339(now),
        };
        items.insert(record.id.clone(), StoredItem { record: record.clone(), expires_at: None });
        Ok(Created::Created(record))
    }

    async fn get(&self, id: &RecordId) -> Result<Option<StoredRecord>, AwsError> {
        self.failure()?;
        let items = self.items.lock().expect("no panic");
        Ok(items.get(id.as_str()).filter(|item| item.expires_at.is_none()).map(|item| item.record.clone()))
    }

    async fn page(&self, request: &PageRequest) -> Result<Page, AwsError> {
        self.failure()?;
        let items = self.items.lock().expect("no panic");
        let start = request.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let looked_at: Vec<&StoredItem> = items
            .range((start, Bound::Unbounded))
            .map(|(_, item)| item)
            .filter(|item| request.source.as_ref().is_none_or(|source| *source == item.record.source))
            .take(request.limit)
            .collect();
        // As DynamoDB: a full look may turn out to have been the last one.
        let next = looked_at.last().filter(|_| looked_at.len() == request.limit);
        Ok(Page {
            next: next.map(|item| item.record.id.clone()),
            records: looked_at
                .iter()
                .filter(|item| item.expires_at.is_none())
                .map(|item| item.record.clone())
                .collect(),
        })
    }

    async fn replace(
        &self,
        id: &RecordId,
        body: &Document,
        precondition: &Precondition,
        now: SystemTime,
    ) -> Result<Changed<StoredRecord>, AwsError> {
        self.change(id, precondition, now, |item| item.record.body = body.clone())
    }

    async fn delete(
        &self,
        id: &RecordId,
        precondition: &Precondition,
        now: SystemTime,
        expires_at: SystemTime,
    ) -> Result<Changed<()>, AwsError> {
        Ok(match self.change(id, precondition, now, |item| item.expires_at = Some(expires_at))? {
            Changed::Done(_) => Changed::Done(()),
            Changed::Missing => Changed::Missing,
            Changed::PreconditionFailed => Changed::PreconditionFailed,
        })
    }
}

/// A request of method, path and query.
pub(crate) fn request(method: &str, target: &str) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": { "accept": "*/*" },
        "requestContext": { "stage": "$default", "http": { "method": method, "path": path } },
        "isBase64Encoded": false,
    })
}

/// The request with JSON content.
pub(crate) fn with_content(mut request: Value, content: &str) -> Value {
    request["headers"]["content-type"] = "application/json".into();
    request["body"] = content.into();
    request
}

/// The request with `If-Match`.
pub(crate) fn if_match(mut request: Value, value: &str) -> Value {
    request["headers"]["if-match"] = value.into();
    request
}

/// A function on a table in memory.
pub(crate) struct Api {
    pub(crate) function: Function<MemoryRecords>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) output: Arc<RecorderOutput>,
}

impl Api {
    pub(crate) fn new() -> Self {
        let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
        let lookup =
            |name: &str| ["TABLE_NAME", "SOURCE_INDEX"].contains(&name).then(|| "records".to_owned());
        let function = Function {
            config: Config::read(lookup).expect("usable settings"),
            records: MemoryRecords::default(),
            clock: clock.clone(),
            log: log(output.clone(), clock.clone()),
        };
        Self { function, clock, output }
    }

    /// With records `r00`, `r01`, ... of source `api`.
    pub(crate) fn with_records(count: usize) -> Self {
        let api = Self::new();
        for number in 0..count {
            let content = format!(r#"{{"id":"r{number:02}","body":{{"n":{number}}}}}"#);
            assert_eq!(api.serve(with_content(request("POST", "/records"), &content)).status_code, 201);
        }
        api
    }

    /// Serves a request; the clock goes on by a second.
    pub(crate) fn serve(&self, request: Value) -> HttpResponse {
        let event: HttpEvent = serde_json::from_value(request).expect("a legal event");
        let invocation = invocation(&self.clock, Duration::from_secs(10));
        let mut metrics = Metrics::new("pipectl", "records-api");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let response = runtime.block_on(handle(&event, &invocation, &self.function, &mut metrics));
        self.clock.advance(Duration::from_secs(1));
        response
    }
}

/// Content of a response.
pub(crate) fn content(response: &HttpResponse) -> Value {
    serde_json::from_str(response.body.as_deref().expect("content")).expect("JSON")
}
