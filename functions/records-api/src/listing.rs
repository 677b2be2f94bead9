//! A page of the list.

use pipectl_invocation::aws_error::AwsError;

use crate::cursor::Cursor;
use crate::effects::{PageRequest, Records};
use crate::query::ListQuery;
use crate::record::{RecordPage, StoredRecord};

/// Most bytes of records in one page; Lambda's response holds 6 MB, in which quotes count twice.
/// Source: AWS Lambda developer guide, quotas, invocation payload (read 2026-11-23).
const MAX_PAGE_BYTES: usize = 2_500_000;

/// Looks at the table for one page; where many records were deleted, a page may be short of its limit.
const MAX_LOOKS: usize = 10;

/// Longest source that an index can hold as a key.
/// Source: DynamoDB developer guide, quotas, partition key values (read 2026-11-23).
const MAX_SOURCE_BYTES: usize = 2_048;

/// Fills a page by as many looks as it takes.
pub(crate) async fn list<R: Records>(records: &R, query: ListQuery) -> Result<RecordPage, AwsError> {
    let ListQuery { limit, source, mut after } = query;
    let mut items: Vec<StoredRecord> = Vec::new();
    let mut bytes = 0;
    if source.as_ref().is_some_and(|source| source.len() > MAX_SOURCE_BYTES) {
        return Ok(RecordPage { items, next_token: None });
    }
    for _ in 0..MAX_LOOKS {
        let request = PageRequest { source: source.clone(), after, limit: limit - items.len() };
        let page = records.page(&request).await?;
        after = page.next;
        for record in page.records {
            let size = record.to_json().len();
            if bytes + size > MAX_PAGE_BYTES
                && let Some(last) = items.last()
            {
                let next_token = Some(Cursor { after: last.id.clone(), source }.to_text());
                return Ok(RecordPage { items, next_token });
            }
            bytes += size;
            items.push(record);
        }
        if after.is_none() || items.len() >= limit {
            break;
        }
    }
    let next_token = after.map(|after| Cursor { after, source }.to_text());
    Ok(RecordPage { items, next_token })
}
