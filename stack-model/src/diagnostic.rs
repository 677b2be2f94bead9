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
#[non_exhaustive]
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
const DEAD_LETTER_RETENTION: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html";
const SQS_MAPPING: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html";
const SQS_SCALING: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html";
const ASYNC_DESTINATIONS: &str =
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html";
const BUCKET_NOTIFICATIONS: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html";
const HTTP_API_QUOTAS: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html";
const RECURSION: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html";

const PARTIAL_BATCHES: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";
const NOTIFICATION_PERMISSIONS: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html";
const FUNCTION_PERMISSIONS: &str =
    "https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html";
const FUNCTION_ROLE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html";
const TOPIC_FIFO: &str = "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html";
const TIME_TO_LIVE: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html";

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
    CONDITION_CYCLE = "E2015", "conditions depend on each other in a circle",
        "CloudFormation refuses the template: a condition must come to true or false from parameters, mappings and \
         other conditions, none of which may lead back to it. The message lists the circle.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html");
    HELD_PROPERTY = "E2016", "an override changes what other parts of the stack rely on",
        "A bucket's name stands also in the ARNs of grants, permissions and policies, which an override does not reach: the \
         function could neither be invoked by the bucket nor read it. Set the name where the bucket is declared.", None;
    DEPENDENCY_CYCLE = "E3001", "resources depend on each other in a circle",
        "CloudFormation creates resources in order of their references and `DependsOn`, so a circle cannot be \
         created. The message lists it. Replace one reference by a computed name.", None;
    QUEUE_KIND_MISMATCH = "E3002", "a queue and its dead-letter queue differ in kind",
        "The dead-letter queue of a FIFO queue must be FIFO, that of a standard queue standard.",
        Some(DEAD_LETTER_QUEUES);
    STANDARD_QUEUE_NEEDED = "E3003", "a FIFO queue where AWS takes a standard queue only",
        "On-failure destinations of asynchronous invocations and bucket notifications take standard queues only: S3 \
         refuses a FIFO queue, and Lambda fails to deliver to it.",
        Some(ASYNC_DESTINATIONS);
    VISIBILITY_BELOW_TIMEOUT = "E3004", "a queue's visibility timeout is below its consumer's timeout",
        "Lambda refuses an event source mapping whose queue would show a message again while the function may still \
         be at work on it.", Some(SQS_MAPPING);
    VISIBILITY_BELOW_SIX_TIMEOUTS = "W3005", "a queue's visibility timeout is below six times its consumer's timeout",
        "AWS advises at least six times the function's timeout, and the batching window on top, so that a throttled batch \
         is retried before its messages show again.", Some(SQS_MAPPING);
    BATCH_WITHOUT_WINDOW = "E3006", "a batch of more than 10 messages without a batching window",
        "A batch size above 10 needs a batching window of at least one second; FIFO queues take 10 at most and no \
         window.", Some(SQS_MAPPING);
    SHORT_DEAD_LETTER_RETENTION = "E3007", "a dead-letter queue keeps messages for less time than its source queue",
        "The age of a message moves with it to a standard dead-letter queue, so one that keeps messages for less time \
         than the source may drop them at once.", Some(DEAD_LETTER_RETENTION);
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
    OVERLAPPING_NOTIFICATIONS = "E3012", "two notifications of a bucket overlap",
        "S3 refuses two notifications for the same event whose prefixes and suffixes can both match one object.",
        Some(BUCKET_NOTIFICATIONS);
    TOPIC_KIND_MISMATCH = "E3013", "a FIFO queue subscribed to a standard topic",
        "A standard topic delivers to standard queues only; a FIFO topic delivers to FIFO and standard queues.",
        Some("https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html");
    EVENTS_MAY_BE_LOST = "W3014", "events of a function that fails for good are lost",
        "S3, SNS, EventBridge, its Scheduler and IoT rules invoke a function asynchronously: after two retries Lambda \
         drops the event. Name a queue in `on_failure`.", Some(ASYNC_DESTINATIONS);
    CONSUMER_MAY_NOT_RECEIVE = "E3015", "a function's role may not receive from the queue that its mapping polls",
        "Lambda polls with the function's role and refuses the mapping unless it may `sqs:ReceiveMessage`, \
         `sqs:DeleteMessage` and `sqs:GetQueueAttributes` on the queue.",
        Some(SQS_MAPPING);
    NOTIFICATION_BEFORE_PERMISSION = "E3016", "a bucket may be created before what lets it send notifications",
        "S3 tries every destination when it takes the notifications, and refuses the bucket when the \
         permission or policy is not there yet. Let the bucket depend on it, and compute the bucket's ARN \
         where it is needed, or the two depend on each other.",
        Some(NOTIFICATION_PERMISSIONS);
    NOTIFICATION_WITHOUT_PERMISSION = "E3017", "a bucket notifies what does not let S3 in",
        "S3 refuses notifications to a function without a permission, or a queue or topic without a policy, \
         for `s3.amazonaws.com`.",
        Some(NOTIFICATION_PERMISSIONS);
    WHOLE_BATCH_RETRIED = "W3018", "one bad message makes Lambda retry its whole batch",
        "Without `ReportBatchItemFailures` a single failure puts every message of its batch back on the \
         queue, and good messages reach the dead-letter queue with the bad one.",
        Some(PARTIAL_BATCHES);
    LOG_GROUP_NOT_OWNED = "W3019", "a function's log group is not part of the stack",
        "Lambda makes a log group that keeps all events for ever and stays when the stack is deleted. Own \
         one, with a retention.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html");
    DEAD_LETTER_QUEUE_WITHOUT_ALARM = "W3020", "no alarm goes off when failures end in a queue",
        "Messages on a dead-letter queue or on-failure destination wait for a person. Without an alarm on its \
         depth or age they are dropped unseen when their retention ends. `NumberOfMessagesSent` does not count \
         what SQS moves, and the dimension `QueueName` is the name of the queue, not its URL.",
        Some("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html");
    FIFO_NAME_MISMATCH = "E3021", "a name and the kind of its queue or topic differ",
        "The name of a FIFO queue or topic ends with `.fifo`; a standard one's may not.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html");
    API_WITHOUT_PERMISSION = "E3022", "a function behind an API does not let API Gateway in",
        "The API is made all the same and answers every request with a 500. The function needs a permission \
         for `apigateway.amazonaws.com`.",
        Some("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html");
    QUEUE_NOT_ENCRYPTED = "W3023", "a queue is not encrypted at rest",
        "SQS encrypts queues with its own keys at no cost unless that is turned off.",
        Some("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html");
    PUBLIC_BUCKET = "W3024", "a bucket is open to the public, or may be opened",
        "S3 blocks all public access unless a block is turned off. An ACL or policy can then show objects to \
         everyone.",
        Some("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html");
    OPEN_TO_EVERYONE = "W3025", "a resource policy or permission lets everyone in",
        "A principal `*` is anyone with an AWS account, and for a bucket anyone at all, unless a condition says who \
         may come, or from where.",
        Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html");
    WILDCARD_GRANT = "W3026", "a role, user or group may do everything with a service, or something with every resource",
        "A fault or an intruder in the function then reaches what has nothing to do with it. Grant the \
         actions and ARNs that are used. Statements with a condition are not judged, nor services whose \
         actions take no ARN.",
        Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html");
    PERMISSION_WITHOUT_SOURCE = "W3027", "a permission lets a service invoke a function for anyone's resources",
        "Without `SourceArn` or `SourceAccount` a resource of another account can make the service invoke the \
         function. A bucket's ARN names no account, so S3 needs both.",
        Some(FUNCTION_PERMISSIONS);
    TOO_MANY_INDEXES = "W3028", "a table has more indexes than DynamoDB takes",
        "DynamoDB takes 5 local secondary indexes, and 20 global ones unless the account's quota was raised.",
        Some("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html");
    KEY_ATTRIBUTE_MISMATCH = "E3029", "the attributes that a table defines are not those of its keys",
        "DynamoDB refuses a table that defines an attribute no key uses, or whose keys use one that is not \
         defined.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html");
    TIME_TO_LIVE_NO_NUMBER = "W3030", "items never expire: their time to live is no number",
        "DynamoDB takes the attribute as seconds since 1970 and passes over items where it is not of type \
         `N`.",
        Some(TIME_TO_LIVE);
    NOTHING_WRITES_EXPIRING_ITEMS = "W3031", "items expire by an attribute that nothing in the stack may write",
        "Items without the attribute never expire. Said only when a function reads the table and none may \
         write to it.",
        Some(TIME_TO_LIVE);
    QUEUE_FOR_SMALL_MESSAGES = "W3032", "a queue takes smaller messages than may be sent to it",
        "SNS delivers messages of up to 256 KiB, and a record of a failed invocation holds its event. What is \
         larger than the queue's `MaximumMessageSize` is not delivered.",
        Some("https://docs.aws.amazon.com/general/latest/gr/sns.html");
    ALARM_MAY_NOT_PUBLISH = "E3033", "an alarm may not publish to its topic",
        "The alarm goes off and nobody is told. A topic with a policy of its own must let \
         `cloudwatch.amazonaws.com` publish; the key `alias/aws/sns` never lets it.",
        Some("https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger");
    SUBSCRIPTION_WITHOUT_PERMISSION = "E3034", "a subscribed queue or function does not let SNS in",
        "The subscription is made all the same, and nothing is ever delivered.",
        Some("https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html");
    DESTINATION_WITHOUT_GRANT = "E3035", "a function's role may not send to its own destination",
        "Lambda sends the record of a failed event with the function's role, and refuses a destination that \
         the role may not send to.",
        Some(ASYNC_DESTINATIONS);
    STREAM_NOT_READABLE = "E3036", "a mapping reads a stream that is not there, or from no position",
        "A table has a stream only with `StreamSpecification`, and the mapping of a stream must say where to \
         start.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html");
    DATA_DELETED_WITH_STACK = "W3037", "data is deleted with the stack, and nobody said so",
        "Without `DeletionPolicy` a table goes with its items when it leaves the stack. Say `Retain`, or `Delete` \
         on purpose. A bucket that holds objects is never deleted.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html");
    LOGS_KEPT_FOREVER = "W3038", "a log group keeps its events for ever",
        "Without `RetentionInDays` log events never expire, and are paid for each month.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html");
    REDRIVE_NOT_ALLOWED = "E3039", "a dead-letter queue does not allow its source queue",
        "SQS refuses a redrive policy whose dead-letter queue denies the source by its `RedriveAllowPolicy`.",
        Some(DEAD_LETTER_QUEUES);
    DEAD_LETTER_QUEUE_DRAINED = "W3040", "a function drains a dead-letter queue",
        "What a consumer takes off a dead-letter queue cannot be looked at or redriven any more. Alert by an \
         alarm and leave the messages.",
        Some(DEAD_LETTER_QUEUES);
    COMPETING_CONSUMERS = "W3041", "two functions consume one queue",
        "Each message reaches only one of them, and one that its filter does not match is deleted. Give each \
         a queue and fan out by a topic.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html");
    CREDENTIALS_FROM_ANY_ORIGIN = "E3042", "an HTTP API takes credentials from any origin",
        "API Gateway refuses `AllowCredentials` with the origin `*`, as browsers do. Name the origins.",
        Some("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html");
    PART_OF_ANOTHER_API = "E3043", "a route uses a part of another API",
        "Integrations and authorizers belong to one API, and API Gateway finds them there only.",
        Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html");
    THROTTLED_INTO_DEAD_LETTER_QUEUE = "W3044", "throttled batches end in the dead-letter queue",
        "Lambda polls on when the reserved concurrency is used up. Each throttled batch counts as a receive, \
         until its messages move to the dead-letter queue untried.",
        Some(SQS_SCALING);
    FIFO_TOPIC_TO_NO_QUEUE = "E3045", "a FIFO topic with a subscription that is no queue",
        "FIFO topics deliver to queues only; SNS refuses e-mail, SMS, HTTPS and functions.",
        Some(TOPIC_FIFO);
    VARIABLE_WITHOUT_GRANT = "W3046", "a function is told of a resource that its role may not touch",
        "An environment variable names a queue, table or topic, and no statement of the role does: every call \
         will be denied.",
        Some(FUNCTION_ROLE);
    QUEUE_RECURSION = "W3047", "a function sends to the queue that invokes it",
        "Lambda counts the rounds and ends the loop after about 16. Return failed IDs to have messages again.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html");
    RULE_WITHOUT_PERMISSION = "E3048", "an EventBridge rule targets what does not let EventBridge in",
        "The rule is made all the same, and its events are dropped. The function needs a permission, the queue, topic \
         or dead-letter queue a policy, for `events.amazonaws.com`.",
        Some("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html");
    BATCH_OVER_PAYLOAD = "I3049", "a batch cannot fill up with messages of the size that its queue takes",
        "Lambda invokes a function with at most 6 MB, so that a batch of large messages ends before its batch \
         size. Nothing is lost, but a batch size that is never reached plans for nothing.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/API_EventSourceMappingConfiguration.html");
    EQUAL_DEAD_LETTER_RETENTION = "W3050", "a dead-letter queue keeps messages as long as its source queue",
        "The age of a message moves with it to a standard dead-letter queue. AWS advises a longer retention there than \
         at the source, so that there is time to look at what failed late.", Some(DEAD_LETTER_RETENTION);
    SERVICE_MAY_NOT_USE_KEY = "E3051", "a service may not use the key of what it sends to",
        "SNS, S3 and EventBridge send to an encrypted queue or topic only when the policy of its key lets them. The keys \
         `alias/aws/sqs` and `alias/aws/sns` never do.",
        Some("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html");
    STREAM_WITHOUT_GRANT = "E3052", "a function's role may not read the stream that its mapping reads",
        "Lambda reads with the function's role and refuses the mapping unless it may describe the stream, get shard \
         iterators and get records.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html");
    STANDARD_TOPIC_NEEDED = "E3053", "a FIFO topic where AWS sends to a standard one only",
        "A FIFO topic takes no message without a message group, and neither alarms nor buckets name one.",
        Some("https://docs.aws.amazon.com/sns/latest/api/API_Publish.html");
    FILTER_NO_JSON = "E3054", "a filter of messages or events is no JSON object",
        "A filter policy and an event pattern are objects, or texts of objects. The pattern of an event source mapping \
         is always a text.",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html");
    DATAPOINTS_OVER_PERIODS = "E3055", "an alarm wants more breaching periods than it looks at",
        "CloudWatch refuses an alarm whose `DatapointsToAlarm` is above its `EvaluationPeriods`.",
        Some("https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html");
    ENVIRONMENT_OVER_LIMIT = "E3056", "a function's environment variables are over Lambda's limit",
        "All names and values together take at most 4 KB (4,096 bytes).",
        Some("https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html");
    FUNCTION_NAME_TOO_LONG = "E3057", "a function's name is too long",
        "The name of a function has at most 64 characters.",
        Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html");
    SETTING_OF_ANOTHER_SOURCE = "E3058", "an event source mapping has a setting that its source does not take",
        "`ScalingConfig` is for queues, `StartingPosition` for streams. Lambda refuses the mapping.",
        Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html");
    ILLEGAL_KEY = "E3059", "a table or an index has a key that DynamoDB refuses",
        "A key has one partition key and at most one sort key, two different attributes with names of 1 to 255 bytes, and \
         an attribute has one type in all keys of a table.",
        Some("https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html");
    SECOND_POLICY = "E3060", "two policies are for one queue, topic or bucket",
        "A queue, a topic and a bucket have one policy each. Of two, SQS and SNS keep the one that is written last, and S3 \
         refuses the second. Put all statements into one policy.",
        Some("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html");
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
