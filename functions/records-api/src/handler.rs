//! One request.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use pipectl_invocation::clock::Clock;
use pipectl_invocation::http::{HttpEvent, HttpResponse};
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::{Item, Level, Log, chain};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::problem::{INTERNAL_ERROR, INVALID_PARAMETER, Problem};
use pipectl_invocation::refusal::Refusal;
use pipectl_messages::RecordId;
use serde_json::Value;

use crate::config::Config;
use crate::effects::{Changed, Created, Records};
use crate::listing;
use crate::operation::{Operation, RECORDS_PATH, resolve};
use crate::precondition::{Precondition, if_match};
use crate::problem::{PRECONDITION_FAILED, RECORD_EXISTS, RECORD_NOT_FOUND};
use crate::query::ListQuery;
use crate::record::StoredRecord;
use crate::submission::{IdIn, Submission};

/// What the function is made of.
pub struct Function<R> {
    /// Settings.
    pub config: Config,
    /// The table.
    pub records: R,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Log lines.
    pub log: Log,
}

/// Serves a request, and counts into `metrics`. Every request gets a response; failures of the table are
/// logged, and the client learns no more than that there was one.
pub async fn handle<R: Records>(
    event: &HttpEvent,
    invocation: &Invocation,
    function: &Function<R>,
    metrics: &mut Metrics,
) -> HttpResponse {
    let started = function.clock.now();
    let method = event.method();
    let resolved = resolve(method, event.path());
    let item = match &resolved {
        Ok((_, segment)) if !segment.is_empty() => id(event, segment),
        _ => event.path().to_owned(),
    };
    let result = match resolved {
        Ok((operation, _)) => Request { event, invocation, function, id: &item }.serve(operation).await,
        Err(problem) => Err(problem.into()),
    };
    let (response, cause) = match result {
        Ok(response) => (response, None),
        Err(refusal) => (refusal.problem.response(), refusal.cause),
    };
    let status = response.status_code;
    metrics.count("Requests", 1);
    metrics.count("ClientErrors", u64::from((400..500).contains(&status)));
    metrics.count("ServerErrors", u64::from(status >= 500));
    let mut details = vec![
        ("method", Value::from(method)),
        ("status", Value::from(status)),
        ("request_id", Value::from(invocation.request_id.as_str())),
    ];
    details.extend(cause.map(|error| ("error", Value::from(chain(&error)))));
    let (level, outcome) = match status {
        500.. => (Level::Error, "failed"),
        400.. => (Level::Info, "refused"),
        _ => (Level::Info, "served"),
    };
    let item = Item { id: &item, outcome, started, trace_id: invocation.trace_id.as_deref() };
    function.log.item(level, "request served", &item, &details);
    response
}

/// Variable `id` of the route, or else `segment` of the path, unescaped.
fn id(event: &HttpEvent, segment: &str) -> String {
    let id = event.path_parameters.as_ref().and_then(|parameters| parameters.get("id"));
    // Unescaping twice does no harm: no legal id has a percent sign.
    percent_decode_str(id.map_or(segment, String::as_str)).decode_utf8_lossy().into_owned()
}

struct Request<'call, R> {
    event: &'call HttpEvent,
    invocation: &'call Invocation,
    function: &'call Function<R>,
    /// Id in the path, if the operation has one.
    id: &'call str,
}

impl<R: Records> Request<'_, R> {
    async fn serve(&self, operation: Operation) -> Result<HttpResponse, Refusal> {
        match operation {
            Operation::CreateRecord => self.create().await,
            Operation::ListRecords => self.list().await,
            Operation::GetRecord => self.get().await,
            Operation::ReplaceRecord => self.replace().await,
            Operation::DeleteRecord => self.delete().await,
        }
    }

    async fn create(&self) -> Result<HttpResponse, Refusal> {
        let Submission { id, body } = self.submission(IdIn::Content)?;
        let id = match id {
            Some(id) => id,
            // The request id is unique and stays the same when Lambda repeats the invocation.
            None => RecordId::new(self.invocation.request_id.as_str())
                .map_err(|_| Problem::new(INTERNAL_ERROR))?,
        };
        match self.function.records.create(&id, &body, self.function.clock.now()).await? {
            // Relative to the request, so that it holds under any stage and domain name.
            Created::Created(record) => Ok(represent(201, &record)
                .header("location", format!("{}/{id}", RECORDS_PATH.trim_start_matches('/')))),
            Created::Exists => Err(Problem::new(RECORD_EXISTS).into()),
        }
    }

    async fn list(&self) -> Result<HttpResponse, Refusal> {
        let query = ListQuery::read(&self.event.raw_query_string)?;
        let page = listing::list(&self.function.records, query).await?;
        let body = serde_json::to_string(&page).expect("records have text keys and valid numbers only");
        Ok(HttpResponse::content(200, "application/json", body))
    }

    async fn get(&self) -> Result<HttpResponse, Refusal> {
        match self.function.records.get(&self.record_id()?).await? {
            Some(record) => Ok(represent(200, &record)),
            None => Err(Problem::new(RECORD_NOT_FOUND).into()),
        }
    }

    async fn replace(&self) -> Result<HttpResponse, Refusal> {
        let (id, precondition) = (self.record_id()?, self.precondition()?);
        let Submission { body, .. } = self.submission(IdIn::Path)?;
        let now = self.function.clock.now();
        let record = done(self.function.records.replace(&id, &body, &precondition, now).await?)?;
        Ok(represent(200, &record))
    }

    async fn delete(&self) -> Result<HttpResponse, Refusal> {
        let (id, precondition) = (self.record_id()?, self.precondition()?);
        let now = self.function.clock.now();
        let expires_at = now + self.function.config.tombstone_lifetime;
        done(self.function.records.delete(&id, &precondition, now, expires_at).await?)?;
        Ok(HttpResponse::empty(204))
    }

    fn record_id(&self) -> Result<RecordId, Problem> {
        RecordId::new(self.id).map_err(|error| Problem::with_detail(INVALID_PARAMETER, error.to_string()))
    }

    fn precondition(&self) -> Result<Precondition, Problem> {
        if_match(self.event.header("if-match"))
            .map_err(|_| Problem::with_detail(INVALID_PARAMETER, "`If-Match` is no list of entity tags"))
    }

    fn submission(&self, id_in: IdIn) -> Result<Submission, Problem> {
        Submission::read(self.event, id_in, self.function.config.max_body_bytes)
    }
}

fn done<Outcome>(changed: Changed<Outcome>) -> Result<Outcome, Problem> {
    match changed {
        Changed::Done(outcome) => Ok(outcome),
        Changed::Missing => Err(Problem::new(RECORD_NOT_FOUND)),
        Changed::PreconditionFailed => Err(Problem::new(PRECONDITION_FAILED)),
    }
}

fn represent(status_code: u16, record: &StoredRecord) -> HttpResponse {
    HttpResponse::content(status_code, "application/json", record.to_json())
        .header("etag", record.entity_tag())
}
