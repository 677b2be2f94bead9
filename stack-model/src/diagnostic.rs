//! What is wrong, or doubtful, about a user's stack.
//!
//! There may be many diagnostics at once and work continues; an *error* is one thing that stops work. Codes are a
//! severity letter and four digits, the first of which is the area (2 a property or the template, 3 a law between
//! resources). They are never reused. [`REGISTRY`] holds the text behind each; [`explain`] finds it.

use std::fmt;

use crate::logical_id::LogicalId;

/// How bad a diagnostic is; the first letter of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `E`: AWS refuses it, or it cannot work.
    Error,
    /// `W`: AWS accepts it, and it will hurt.
    Warning,
    /// `I`: worth knowing.
    Information,
}

/// A diagnostic code with its documentation.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Severity letter and four digits, as `E2002`.
    pub name: &'static str,
    /// The fault in a few words.
    pub title: &'static str,
    /// What it means and what to do, for `explain`.
    pub documentation: &'static str,
    /// AWS's page that says so, if it is AWS's rule.
    pub source: Option<&'static str>,
}

impl Code {
    /// The severity that the code's letter stands for.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.name.as_bytes().first() {
            Some(b'W') => Severity::Warning,
            Some(b'I') => Severity::Information,
            _ => Severity::Error,
        }
    }
}

/// One finding about the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule found it.
    pub code: &'static Code,
    /// The resource, parameter, condition or output it is about, if it is about one.
    pub logical_id: Option<LogicalId>,
    /// The user's name of the thing, when the finding comes from the pipeline layer.
    pub subject: Option<String>,
    /// Path below the logical ID, as `Properties.RedrivePolicy.maxReceiveCount`.
    pub path: Option<String>,
    /// What is wrong, with the facts: a sentence.
    pub message: String,
    /// What to do about it: a sentence.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding about the stack as a whole.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, logical_id: None, subject: None, path: None, message: message.into(), help: None }
    }

    /// Says which logical ID it is about.
    #[must_use]
    pub fn at(mut self, logical_id: &LogicalId) -> Self {
        self.logical_id = Some(logical_id.clone());
        self
    }

    /// Says which of the user's names it is about.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Says where below the logical ID it is.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.name)?;
        if let Some(logical_id) = &self.logical_id {
            write!(f, " {logical_id}")?;
        }
        if let Some(path) = &self.path {
            write!(f, ".{path}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The documentation of a code, or `None` for a code of another crate.
#[must_use]
pub fn explain(name: &str) -> Option<&'static Code> {
    REGISTRY.iter().copied().find(|code| code.name == name)
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $title:literal, $documentation:literal, $source:expr;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $title, ".")]
            pub static $constant: Code =
                Code { name: $name, title: $title, documentation: $documentation, source: $source };
        )*

        /// Every code of this crate, in order of name.
        pub static REGISTRY: &[&Code] = &[$(&$constant),*];
    };
}

const QUOTAS: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html";
const BUCKET_NAMES: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html";
const DEAD_LETTER_QUEUES: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html";
const SQS_MAPPING: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html";
const SQS_SCALING: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html";
const ASYNC_DESTINATIONS: &str =
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html";
const BUCKET_NOTIFICATIONS: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html";
const HTTP_API_QUOTAS: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html";
const RECURSION: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html";

codes! {
    VALUE_OUT_OF_RANGE = "E2001", "a value lies outside the range of its property",
        "AWS accepts a fixed range for this property. The message names the range and the value found. \
         Choose a value inside the range.", None;
    DUPLICATE_LOGICAL_ID = "E2002", "two things of the template share a logical ID",
        "Logical IDs are made from the names in the spec: `-`, `_` and `.` part words and each word gets a capital \
         letter, so `a-b` and `aB` meet. Rename one of the two.", None;
    ILLEGAL_NAME = "E2003", "a name cannot become a logical ID",
        "Logical IDs take ASCII letters and digits, 255 at most; names may also hold `-`, `_` and `.`, which \
         disappear. Use such a name.", Some(QUOTAS);
    DANGLING_REFERENCE = "E2004", "a reference to something that the template does not have",
        "A `Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn`, `Condition` or `Fn::If` names a logical ID that is not \
         declared. Declare it or correct the name.", None;
    UNKNOWN_ATTRIBUTE = "E2005", "a return value that the resource type does not have",
        "`Fn::GetAtt` and `${Id.Attribute}` take the return values listed on the resource type's page.", None;
    OVER_LIMIT = "E2006", "the template is over a limit of CloudFormation",
        "A template takes at most 500 resources, 200 parameters, 200 outputs, 200 mappings and 50 tags. Split the \
         stack.", Some(QUOTAS);
    UNKNOWN_OVERRIDE = "E2007", "an override of a resource that the stack does not have",
        "Overrides are keyed by logical ID. `pipectl render` shows the logical IDs of the stack.", None;
    MISSING_PROPERTY = "E2008", "a required property is missing",
        "CloudFormation refuses the resource without it. A raw resource or an override left it out.", None;
    UNKNOWN_PROPERTY = "W2009", "a property that the model does not know",
        "A raw resource or an override has a property that the model's mirror of the type lacks. It may be new or \
         misspelt; it is rendered as it is.", None;
    BUCKET_NAME_TOO_LONG = "E2010", "a bucket's name is too long",
        "A bucket is named `<pipeline>-<bucket>-<account>-<region>-an`, 63 characters at most. The account takes 12 \
         and a Region up to 14, which leaves 32 for pipeline and bucket.", Some(BUCKET_NAMES);
    ILLEGAL_BUCKET_NAME = "E2011", "a bucket's name has an illegal character",
        "Bucket names take lower-case letters, digits and `-`, and start and end with a letter or digit. The name \
         is made from the pipeline's and the bucket's.", Some(BUCKET_NAMES);
    ILLEGAL_ROUTE = "E2012", "a route key that HTTP APIs do not take",
        "A route key is a method and a path, as `GET /records/{id}`, or `$default`. Methods: GET, HEAD, OPTIONS, \
         PATCH, POST, PUT, DELETE, ANY.",
        Some("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html");
    UNKNOWN_NAME = "E2013", "a name that the pipeline does not declare",
        "Something refers to a resource by a name that was not declared before.", None;
    DUPLICATE_VARIABLE = "E2014", "an environment variable's name is illegal, reserved by Lambda, or set twice",
        "Names are a letter, then letters, digits and `_`, two characters at least. Names of Lambda's own variables \
         are refused by AWS. Each variable of a function is set once.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html");
    DEPENDENCY_CYCLE = "E3001", "resources depend on each other in a circle",
        "CloudFormation creates resources in order of their references and `DependsOn`, so a circle cannot be \
         created. The message lists it. Replace one reference by a computed name.", None;
    QUEUE_KIND_MISMATCH = "E3002", "a queue and its dead-letter queue differ in kind",
        "The dead-letter queue of a FIFO queue must be FIFO, that of a standard queue standard.",
        Some(DEAD_LETTER_QUEUES);
    STANDARD_QUEUE_NEEDED = "E3003", "a FIFO queue where AWS takes a standard queue only",
        "On-failure destinations of asynchronous invocations and bucket notifications take standard queues only.",
        Some(ASYNC_DESTINATIONS);
    VISIBILITY_BELOW_TIMEOUT = "E3004", "a queue's visibility timeout is below its consumer's timeout",
        "Lambda refuses an event source mapping whose queue would show a message again while the function may still \
         be at work on it.", Some(SQS_MAPPING);
    VISIBILITY_BELOW_SIX_TIMEOUTS = "W3005", "a queue's visibility timeout is below six times its consumer's timeout",
        "AWS advises at least six times the function's timeout plus the batching window, so that a throttled batch \
         is retried before its messages show again.", Some(SQS_MAPPING);
    BATCH_WITHOUT_WINDOW = "E3006", "a batch of more than 10 messages without a batching window",
        "A batch size above 10 needs a batching window of at least one second; FIFO queues take 10 at most and no \
         window.", Some(SQS_MAPPING);
    SHORT_DEAD_LETTER_RETENTION = "E3007", "a dead-letter queue keeps messages no longer than its source queue",
        "The age of a message moves with it to a standard dead-letter queue, so one that keeps messages no longer \
         than the source may drop them at once.", Some(DEAD_LETTER_QUEUES);
    FEW_RECEIVES = "W3008", "a dead-letter queue takes messages after few receives",
        "AWS advises a `maxReceiveCount` of at least 5 with a Lambda consumer: throttled invocations count as \
         receives.", Some(SQS_MAPPING);
    CONCURRENCY_OVER_RESERVED = "E3009", "event source mappings may run more than the function's reserved concurrency",
        "The sum of the mappings' maximum concurrency must fit in the reserved concurrency, or messages are \
         throttled into the dead-letter queue.", Some(SQS_SCALING);
    API_TIMEOUT_BELOW_FUNCTION = "W3010", "a function behind an HTTP API may run longer than the API waits",
        "An HTTP API gives up after 30 seconds; the function works on, and the caller has got a 503. Set the \
         function's timeout to at most 29 seconds.", Some(HTTP_API_QUOTAS);
    BUCKET_RECURSION = "W3011", "a function writes to the bucket that invokes it",
        "Each object it writes invokes it again. Use another bucket or a prefix that the notification does not \
         match.", Some(RECURSION);
    TOPIC_KIND_MISMATCH = "E3013", "a FIFO queue subscribed to a standard topic",
        "A standard topic delivers to standard queues only; a FIFO topic delivers to FIFO and standard queues.",
        Some("https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html");
    EVENTS_MAY_BE_LOST = "W3014", "events of a function that fails for good are lost",
        "S3 and SNS invoke a function asynchronously: after two retries Lambda drops the event. Name a queue in \
         `on_failure`.", Some(ASYNC_DESTINATIONS);
    OVERLAPPING_NOTIFICATIONS = "E3012", "two notifications of a bucket overlap",
        "S3 refuses two notifications for the same event whose prefixes and suffixes can both match one object.",
        Some(BUCKET_NOTIFICATIONS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in REGISTRY {
            let (letter, digits) = code.name.split_at(1);
            assert!(["E", "W", "I"].contains(&letter), "{}", code.name);
            assert!(digits.len() == 4 && digits.parse::<u16>().is_ok(), "{}", code.name);
            assert!(seen.insert(digits), "{} is reused", code.name);
        }
    }

    #[test]
    fn explain_finds_a_code_by_name() {
        assert_eq!(explain("E2002"), Some(&DUPLICATE_LOGICAL_ID));
        assert_eq!(explain("E9999"), None);
    }

    #[test]
    fn severity_follows_from_the_letter() {
        assert_eq!(UNKNOWN_PROPERTY.severity(), Severity::Warning);
        assert!(Severity::Error < Severity::Warning);
    }
}
