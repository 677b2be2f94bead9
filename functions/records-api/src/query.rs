//! Query of the list.

use percent_encoding::percent_decode_str;
use pipectl_invocation::problem::{INVALID_PARAMETER, Problem};

use crate::cursor::Cursor;

/// Records of a page when none are asked for.
pub(crate) const DEFAULT_LIMIT: usize = 25;

/// Most records of a page.
pub(crate) const MAX_LIMIT: usize = 100;

/// What a list is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) limit: usize,
    pub(crate) source: Option<String>,
    pub(crate) after: Option<String>,
}

impl ListQuery {
    /// Reads a query as the client sent it. Parameters of other names are ignored.
    pub(crate) fn read(raw: &str) -> Result<Self, Problem> {
        let limit = parameter(raw, "limit")?.map_or(Ok(DEFAULT_LIMIT), |text| limit(&text))?;
        let source = parameter(raw, "source")?;
        if source.as_deref() == Some("") {
            return Err(invalid("`source` is empty"));
        }
        let cursor = match parameter(raw, "next_token")? {
            Some(text) => Some(
                Cursor::from_text(&text, source.as_deref())
                    .ok_or_else(|| invalid("`next_token` is not from an answer to this query"))?,
            ),
            None => None,
        };
        Ok(Self { limit, source, after: cursor.map(|cursor| cursor.after) })
    }
}

fn limit(text: &str) -> Result<usize, Problem> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = text.parse().ok().filter(|limit| is_digits && (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| invalid(&format!("`limit` is not a whole number from 1 to {MAX_LIMIT}")))
}

/// The value of a parameter that may be given once.
fn parameter(raw: &str, name: &str) -> Result<Option<String>, Problem> {
    let mut found = None;
    for pair in raw.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if unescape(key).as_deref() != Some(name) {
            continue;
        }
        let value = unescape(value).ok_or_else(|| invalid(&format!("`{name}` is not UTF-8")))?;
        if found.replace(value).is_some() {
            return Err(invalid(&format!("`{name}` is given more than once")));
        }
    }
    Ok(found)
}

fn unescape(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn invalid(detail: &str) -> Problem {
    Problem::with_detail(INVALID_PARAMETER, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_unescaped() {
        let query =
            ListQuery::read("source=s3%3A%2F%2Fb%2Fa+b%2B&limit=100&other=%FF").expect("a legal query");
        assert_eq!((query.source.as_deref(), query.limit), (Some("s3://b/a b+"), 100));
    }

    #[test]
    fn empty_query_has_defaults() {
        let query = ListQuery::read("").expect("a legal query");
        assert_eq!(query, ListQuery { limit: 25, source: None, after: None });
    }

    #[test]
    fn limits_outside_of_the_range_are_refused() {
        for raw in ["limit=0", "limit=101", "limit=", "limit", "limit=%2B5", "limit=1.0", "limit=1&limit=1"] {
            assert!(ListQuery::read(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn empty_and_foreign_values_are_refused() {
        for raw in ["source=", "source=%FF", "next_token=", "next_token=abc"] {
            assert!(ListQuery::read(raw).is_err(), "{raw}");
        }
    }
}
