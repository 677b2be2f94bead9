//! What is wrong or doubtful about the user's spec or template: facts, collected, never an error.

use stack_model::diagnostic::{Code, Severity};

use crate::spec::place::Place;

/// One finding about the user's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule found it.
    pub code: &'static Code,
    /// Position in the spec file; `None` when it concerns a template.
    pub place: Option<Place>,
    /// What it concerns: a path of keys (`functions.extract.timeout`), or a logical ID with the
    /// path of a property.
    pub subject: String,
    /// One sentence, wrong values in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// True when nothing may be deployed until it is mended.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

/// Finds the documentation of a code of the spec file or of the stack model.
#[must_use]
pub fn explain(name: &str) -> Option<&'static Code> {
    REGISTRY.iter().copied().find(|code| code.name == name).or_else(|| stack_model::diagnostic::explain(name))
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $title:literal, $documentation:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $title, ".")]
            pub static $constant: Code =
                Code { name: $name, title: $title, documentation: $documentation, source: None };
        )*

        /// Every code of the spec file, in order of name.
        pub static REGISTRY: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    MALFORMED = "E1001", "not YAML",
        "The file is not well-formed YAML 1.2, so nothing of it could be read beyond this place.";
    UNKNOWN_KEY = "E1002", "unknown key",
        "The key means nothing here. Keys are never ignored, because a misspelt one would silently leave a \
         default in force. The help names the nearest key, or all that are known at this place.";
    WRONG_TYPE = "E1003", "wrong type",
        "The value has another type than the key takes, for example a list where a text belongs. Quote a \
         number or a truth value that is meant as text.";
    VALUE_NOT_ALLOWED = "E1004", "value not allowed",
        "The value has the right type but is out of range, misspelt or of the wrong shape.";
    MISSING_KEY = "E1005", "missing key",
        "The mapping lacks a key that it cannot do without.";
    DUPLICATE_KEY = "E1006", "duplicate key",
        "The same name stands twice in one mapping. YAML readers keep one of them without saying which, so \
         it is refused.";
    DANGLING_REFERENCE = "E1007", "dangling reference",
        "The name of a bucket, queue, table, topic, function, authorizer or parameter is used but nothing \
         of that name is declared in its section.";
    LITERAL_SECRET = "E1008", "secret in the open",
        "The environment variable is named like a secret and has a literal value. A literal ends up in the \
         template, in the stack's history and in every log of it. Name a secret of AWS Secrets Manager \
         instead: `{ secret: <name>, field: <key> }`.";
    UNKNOWN_STAGE = "E1009", "unknown stage",
        "The stage asked for is not declared under `stages`.";
    REDRIVE_CIRCLE = "E1010", "dead-letter queues form a circle",
        "A message that fails for good must end somewhere. Following the dead-letter queues from this queue \
         comes back to it.";
    UNKNOWN_TAG = "E1011", "unknown tag",
        "The YAML tag is not an intrinsic function of CloudFormation.";
    BAD_ROUTE = "E1012", "route key",
        "A route key is an HTTP method or ANY, one space and a path that starts with a slash, or `$default`.";
    UNKNOWN_ACTION = "E1013", "unknown action",
        "The action is not one that the access includes.";
    ONLY_FOR_FIFO = "E1014", "for FIFO queues only",
        "Only FIFO queues deduplicate messages.";
    TOO_LARGE = "E1015", "file too large",
        "The file nests deeper or holds more values than a spec can need.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_never_used_twice() {
        assert!(REGISTRY.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
