//! Structured log lines: one JSON object a line, one line an item, never payload.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::clock::{Clock, rfc_3339};
use crate::output::Output;

/// Weight of a line, heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed and will be seen by a caller or a retry.
    Error,
    /// Something was left out or repeated.
    Warn,
    /// One line an item.
    Info,
    /// Details of an item.
    Debug,
}

impl Level {
    /// Accepted values of `LOG_LEVEL`, in the order of the variants.
    pub const NAMES: [(&str, Self); 4] =
        [("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("debug", Self::Debug)];

    /// As Lambda's own JSON log lines spell it.
    fn label(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// What a line about one item says.
#[derive(Debug, Clone, Copy)]
pub struct Item<'item> {
    /// Identity of the item; never its content.
    pub id: &'item str,
    /// What became of it, in one or two words.
    pub outcome: &'item str,
    /// When the work on it began.
    pub started: SystemTime,
    /// Trace it belongs to.
    pub trace_id: Option<&'item str>,
}

/// Writes log lines of at least a level.
#[derive(Clone)]
pub struct Log {
    level: Level,
    output: Arc<dyn Output>,
    clock: Arc<dyn Clock>,
}

impl Log {
    /// A log that leaves out lines lighter than `level`.
    #[must_use]
    pub fn new(level: Level, output: Arc<dyn Output>, clock: Arc<dyn Clock>) -> Self {
        Self { level, output, clock }
    }

    /// Writes the line of one item, with `details` beside its fixed fields `item`, `outcome`, `duration_ms`
    /// and `trace_id`.
    pub fn item(&self, level: Level, message: &str, item: &Item<'_>, details: &[(&str, Value)]) {
        if level > self.level {
            return;
        }
        let duration = self.clock.now().duration_since(item.started).unwrap_or_default();
        let mut fields = vec![
            ("item", Value::from(item.id)),
            ("outcome", Value::from(item.outcome)),
            ("duration_ms", Value::from(milliseconds(duration))),
        ];
        fields.extend(item.trace_id.map(|trace_id| ("trace_id", Value::from(trace_id))));
        fields.extend(details.iter().cloned());
        self.write(level, message, &fields);
    }

    /// Writes a line that is about no single item.
    pub fn write(&self, level: Level, message: &str, fields: &[(&str, Value)]) {
        if level > self.level {
            return;
        }
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), Value::from(rfc_3339(self.clock.now())));
        line.insert("level".to_owned(), Value::from(level.label()));
        line.insert("message".to_owned(), Value::from(message));
        line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.output.line(&Value::Object(line).to_string());
    }
}

/// Whole milliseconds of `duration`.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Text of `error` and of its causes, joined by `: `.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
