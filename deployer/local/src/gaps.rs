//! What the local engine does otherwise than AWS, as far as a pipeline meets it.
//!
//! Found by reading ministack 1.5.33 and by trying it (2026-11-23), with a template of every
//! resource type that pipectl writes. Some gaps are closed when the engine is started
//! (`launch.py` and what is beside it), some by pipectl; the rest is for the user to know. A stack that deploys here is
//! wired as it should be; whether AWS accepts it is said by pipectl's own checks and by AWS.
//!
//! A stop keeps everything: stacks with their templates, events and change sets; functions with their
//! code, event source mappings and destinations; HTTP APIs; messages; items; buckets with objects,
//! versions and notifications; topics, alarms with their states, roles; log events; the inbox. Functions
//! start again, and mappings go on polling. While it runs, the engine saves one second after requests
//! end, and every minute while they go on. An engine that is killed goes back to its last save: what it
//! accepted after that is lost, except for deliveries in the inbox and objects in buckets that were saved.

/// One difference between the local engine and AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The service, or the resource type.
    pub area: &'static str,
    /// What the engine does.
    pub engine: &'static str,
    /// What AWS does.
    pub aws: &'static str,
    /// Who closes the gap.
    pub bridge: Bridge,
}

/// Who closes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bridge {
    /// The engine is changed when it is started: there it does as AWS does.
    Launch,
    /// pipectl does something else locally; the text says what.
    Pipectl(&'static str),
    /// Nobody; the text says what to do instead, or how the gap shows.
    Open(&'static str),
}

/// Every known difference, closed ones included, grouped by area.
pub const GAPS: &[Gap] = &[
    Gap {
        area: "engine",
        engine: "saves its state when it is stopped only; after a kill, buckets are left without their stacks",
        aws: "keeps everything",
        bridge: Bridge::Pipectl(
            "saves one second after requests end and every minute while they go on; a killed engine goes \
             back to its last save, and records that it accepted after that are lost",
        ),
    },
    Gap {
        area: "engine",
        engine: "accepts every caller, unless it is started with enforced policies; knows no TLS",
        aws: "allows what policies allow; refuses calls without TLS where a policy says so",
        bridge: Bridge::Pipectl(
            "takes requests signed with its own credentials only, and enforces the policies of roles; \
             aws:SecureTransport is true on loopback",
        ),
    },
    Gap {
        area: "CloudFormation",
        engine: "finishes a create, update or delete within the call; nothing is ever in progress",
        aws: "works for seconds to minutes; can be cancelled and joined",
        bridge: Bridge::Open("progress and interruption are tested against the testkit"),
    },
    Gap {
        area: "CloudFormation",
        engine: "makes a change set without changes when only a condition flips, and none is executed",
        aws: "lists the resources that the condition adds or removes",
        bridge: Bridge::Open("change a property along with the condition, or delete the stack first"),
    },
    Gap {
        area: "CloudFormation",
        engine: "describes a change set without property values, before or after",
        aws: "adds BeforeContext, AfterContext and the values of each property",
        bridge: Bridge::Pipectl("shows values from its own comparison of the templates"),
    },
    Gap {
        area: "CloudFormation",
        engine: "emits events of every resource in an update, also of those that do not change",
        aws: "emits events of the resources that change",
        bridge: Bridge::Open("read the change set for what changed"),
    },
    Gap {
        area: "CloudFormation",
        engine: "accepts a change set on a stack in ROLLBACK_COMPLETE; updates one in REVIEW_IN_PROGRESS",
        aws: "refuses both; the first must be deleted",
        bridge: Bridge::Pipectl("decides from the stack's status as on AWS"),
    },
    Gap {
        area: "CloudFormation",
        engine: "accepts unknown properties, wrong sizes and missing capabilities",
        aws: "refuses them",
        bridge: Bridge::Pipectl("checks ranges and laws before it deploys"),
    },
    Gap {
        area: "AWS::DynamoDB::Table",
        engine: "creates a table anew under a name that exists, and loses its items",
        aws: "fails: the table already exists",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::DynamoDB::Table",
        engine: "ignores time to live, point-in-time recovery and encryption; expired items stay",
        aws: "deletes expired items within days; restores; encrypts",
        bridge: Bridge::Open("tombstones stay until `pipectl local reset`"),
    },
    Gap {
        area: "AWS::S3::Bucket",
        engine: "does not know the account-regional namespace: BucketNamePrefix is ignored",
        aws: "names the bucket <prefix>-<account>-<region>-an",
        bridge: Bridge::Pipectl("deploys with an empty BucketNameSuffix, which gives a classic name"),
    },
    Gap {
        area: "AWS::S3::Bucket",
        engine: "answers 404 for an object that is not there to those who may not list the bucket, too",
        aws: "answers 403 to them",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::S3::Bucket",
        engine: "deletes a bucket with its objects; ignores lifecycle rules",
        aws: "fails to delete a bucket that is not empty; expires objects and versions",
        bridge: Bridge::Open("objects stay until they are deleted"),
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "drops ReservedConcurrentExecutions of a template",
        aws: "throttles above it",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "takes a throttled asynchronous event for failed: it is lost after two retries",
        aws: "keeps it for up to six hours",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "counts invocations and errors of the Invoke call only",
        aws: "counts every invocation, also by queues, buckets, topics and APIs",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "waits about 40 ms for an acknowledgement in every invocation",
        aws: "hands an event over at once",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "retries a failed asynchronous event after 1 s and 2 s, then sends it to OnFailure",
        aws: "retries after 1 and 2 minutes",
        bridge: Bridge::Open("the order of things is the same, only faster"),
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "runs the function on this machine, unsandboxed; ignores Architectures; limits no memory or CPU",
        aws: "runs it on the architecture, with the memory and a share of a processor",
        bridge: Bridge::Pipectl(
            "builds for this machine; the timeout is honoured; `tune` refuses to measure here",
        ),
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "leaves the REPORT line out of the tail of an invocation's log",
        aws: "ends the tail with it",
        bridge: Bridge::Open("read durations from the metrics of the function"),
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "creates a function whose code object is missing, and answers for it",
        aws: "fails to create it",
        bridge: Bridge::Pipectl("uploads the code before it deploys"),
    },
    Gap {
        area: "AWS::Lambda::Function",
        engine: "writes the logs of a function whatever its role allows",
        aws: "drops them when the role does not allow to write them",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::EventInvokeConfig",
        engine: "passes a failed event on whatever the function's role allows",
        aws: "drops it when the role does not allow that, and counts DestinationDeliveryFailures",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::Lambda::EventInvokeConfig",
        engine: "honours OnFailure, but GetFunctionEventInvokeConfig does not find it",
        aws: "returns it",
        bridge: Bridge::Open("look at the queue"),
    },
    Gap {
        area: "AWS::Lambda::EventSourceMapping",
        engine: "polls with 5 batches at once if ScalingConfig names no other number; a FIFO queue with one",
        aws: "scales to 1,250 at once; a FIFO queue to its active message groups",
        bridge: Bridge::Open("throughput says nothing about AWS; FIFO order is kept"),
    },
    Gap {
        area: "AWS::Lambda::EventSourceMapping",
        engine: "hands over at most ten messages at once, and waits for no batching window",
        aws: "hands over up to 10,000, gathered in the batching window",
        bridge: Bridge::Open("a function meets smaller batches than on AWS"),
    },
    Gap {
        area: "AWS::Lambda::EventSourceMapping",
        engine: "polls a queue or a stream whatever the function's role allows",
        aws: "refuses to make the mapping, or stops polling",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::SQS::Queue",
        engine: "with enforced policies, wants sqs:SendMessageBatch and the like to be allowed",
        aws: "has no such actions: sqs:SendMessage allows batches too",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::SQS::Queue",
        engine: "drops AWSTraceHeader from the messages of a batch",
        aws: "hands it to the consumer",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::SQS::Queue",
        engine: "shows the first ten messages of a queue again when they were received with a visibility timeout of 0",
        aws: "shows any of its messages",
        bridge: Bridge::Open("dead-letter-alert counts all messages, and looks at ten of them"),
    },
    Gap {
        area: "AWS::SQS::Queue",
        engine: "has no StartMessageMoveTask",
        aws: "moves messages of a dead-letter queue back",
        bridge: Bridge::Open("receive and send them"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Api",
        engine: "refuses every preflight request to an API that a template made",
        aws: "answers it by the CORS configuration",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::ApiGatewayV2::Api",
        engine: "answers 502 with the error of a function that failed behind an HTTP API",
        aws: "answers 500 and {\"message\":\"Internal Server Error\"}",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "AWS::ApiGatewayV2::Api",
        engine: "answers 429 for a function that is throttled",
        aws: "answers otherwise; with which status is not documented",
        bridge: Bridge::Open("do not rely on the status of a throttled request"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Api",
        engine: "serves an API below its endpoint; ApiEndpoint is a name that does not resolve",
        aws: "serves it at https://<api>.execute-api.<region>.amazonaws.com",
        bridge: Bridge::Pipectl("prints the address that the engine serves the API under"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Route",
        engine: "finds no route for a path parameter with an encoded slash (%2F)",
        aws: "hands it to the function",
        bridge: Bridge::Open("use identifiers without a slash"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Route",
        engine: "takes a trailing slash, and slashes that are doubled within a path, as part of the path",
        aws: "does not document it",
        bridge: Bridge::Open("try such paths on AWS before you rely on them"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Route",
        engine: "sends HEAD to routes for HEAD, ANY and $default, and to none for GET",
        aws: "does not document it",
        bridge: Bridge::Open("try HEAD on AWS before you rely on it"),
    },
    Gap {
        area: "AWS::ApiGatewayV2::Stage",
        engine: "ignores throttling and writes no access log",
        aws: "answers 429 above the limits; writes a line for each request",
        bridge: Bridge::Open("look at the function's log"),
    },
    Gap {
        area: "AWS::IAM::RolePolicy",
        engine: "fails to create it",
        aws: "adds an inline policy to a role",
        bridge: Bridge::Open("write the policy into the role's Policies"),
    },
    Gap {
        area: "SNS",
        engine: "drops what e-mail and SMS would get",
        aws: "sends it; e-mail once the address is confirmed",
        bridge: Bridge::Pipectl("shows it with `pipectl local inbox`; every address counts as confirmed"),
    },
    Gap {
        area: "CloudWatch",
        engine: "measures no queue",
        aws: "measures every queue every minute",
        bridge: Bridge::Pipectl("measures every second; one measurement stands for one period of an alarm"),
    },
    Gap {
        area: "CloudWatch",
        engine: "evaluates an alarm only when a metric is put, over all dimensions at once; ignores missing data",
        aws: "evaluates all the time; treats missing data as the alarm says",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "CloudWatch",
        engine: "publishes the actions of an alarm whatever a topic's policy says; invokes no function",
        aws: "acts where the policy of the topic or function lets it",
        bridge: Bridge::Launch,
    },
    Gap {
        area: "CloudWatch",
        engine: "takes no metrics from logs",
        aws: "reads the embedded metric format",
        bridge: Bridge::Open("put the metric with `aws cloudwatch put-metric-data` to see its alarm"),
    },
    Gap {
        area: "X-Ray",
        engine: "gives each invocation a trace header, and keeps no traces",
        aws: "keeps and shows them",
        bridge: Bridge::Open("the trace ID is in the functions' logs"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Patch {
        target: String,
        closes: String,
    }

    #[test]
    fn table_of_replacements_closes_the_gaps_that_are_closed_at_launch_and_nothing_else() {
        let patches: Vec<Patch> = serde_json::from_str(include_str!("../patches.json")).unwrap();
        let unlisted: Vec<&str> = patches
            .iter()
            .filter(|patch| GAPS.iter().all(|gap| gap.engine != patch.closes))
            .map(|patch| patch.target.as_str())
            .collect();
        assert_eq!(unlisted, [""; 0]);
        let open: Vec<&str> = GAPS
            .iter()
            .filter(|gap| gap.bridge == Bridge::Launch)
            .map(|gap| gap.engine)
            .filter(|engine| patches.iter().all(|patch| patch.closes != *engine))
            .collect();
        assert_eq!(open, [""; 0]);
    }

    #[test]
    fn gaps_are_grouped_by_area() {
        let mut areas: Vec<&str> = GAPS.iter().map(|gap| gap.area).collect();
        areas.dedup();
        let mut unique = areas.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(areas.len(), unique.len());
    }
}
