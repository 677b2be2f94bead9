//! Cursors of the list.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Where a page goes on. Clients get it as opaque text. It holds nothing secret and grants nothing: a forged
/// one only starts elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// Id of the last item looked at.
    pub(crate) after: String,
    /// Source asked for, so that a cursor of one list cannot be used in another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

impl Cursor {
    pub(crate) fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts always serialise"))
    }

    /// `None` when `text` was not given out for a list of `source`.
    pub(crate) fn from_text(text: &str, source: Option<&str>) -> Option<Self> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let cursor: Self = serde_json::from_slice(&json).ok()?;
        // The table refuses empty keys, and keys of more than 1,024 bytes in the index.
        let is_key = (1..=1024).contains(&cursor.after.len());
        (is_key && cursor.source.as_deref() == source).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_survives_its_text() {
        let cursor = Cursor { after: "order-1".to_owned(), source: Some("s3://b/ä".to_owned()) };
        assert_eq!(Cursor::from_text(&cursor.to_text(), Some("s3://b/ä")), Some(cursor));
    }

    #[test]
    fn cursor_of_another_list_is_refused() {
        let cursor = Cursor { after: "order-1".to_owned(), source: None };
        assert_eq!(Cursor::from_text(&cursor.to_text(), Some("api")), None);
    }

    #[test]
    fn other_texts_are_no_cursors() {
        for text in ["", "x", "e30", "eyJhZnRlciI6IiJ9", "äö"] {
            assert_eq!(Cursor::from_text(text, None), None, "{text}");
        }
    }
}
