//! What the role of a function is granted, and the pipeline without a part of it.

use std::cell::Cell;

use serde_json::{Value, json};

use super::poll;
use super::stack::Stack;

/// Looks at what takes a moment, on a loaded machine.
const LOOKS: usize = 480;

/// Name of the inline policy that pipectl gives to a function's role.
const POLICY: &str = "grants";

/// One action of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    statement: usize,
    /// Such as `sqs:SendMessage`.
    pub(crate) action: String,
    /// The statement's one resource.
    pub(crate) resource: String,
}

/// A grant that nothing observable here depends on.
#[derive(Debug, Clone)]
pub(crate) struct Unobserved {
    /// The action.
    pub(crate) action: &'static str,
    /// How the resource ends.
    pub(crate) resource: String,
    /// Why it is granted all the same.
    pub(crate) reason: &'static str,
}

impl Unobserved {
    fn is(&self, granted: &Granted) -> bool {
        granted.action == self.action && granted.resource.ends_with(&self.resource)
    }
}

/// What each function's `Tracing` statement grants.
pub(crate) fn tracing() -> Vec<Unobserved> {
    let reason = "Lambda writes the traces; the local engine has no X-Ray";
    let of = |action| Unobserved { action, resource: "*".to_owned(), reason };
    ["xray:PutTelemetryRecords", "xray:PutTraceSegments"].map(of).to_vec()
}

/// What publishing to a topic under a key of one's own takes besides `sns:Publish`.
pub(crate) fn encryption() -> Vec<Unobserved> {
    let reason = "SNS calls KMS with the publisher's rights; the local engine encrypts nothing";
    let of = |action| Unobserved { action, resource: String::new(), reason };
    ["kms:Decrypt", "kms:GenerateDataKey"].map(of).to_vec()
}

/// A function of a deployed stack under test.
pub(crate) struct Subject<'test> {
    stack: &'test Stack,
    /// Its name in the account.
    pub(crate) name: String,
    role: String,
    log_group: String,
}

impl<'test> Subject<'test> {
    /// The function whose name is an output of the stack.
    pub(crate) fn new(stack: &'test Stack, output: &str) -> Self {
        let name = stack.output(output).to_owned();
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let configuration = stack.engine.get(&path).is(200).json();
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{configuration}")).to_owned();
        let role = text(&configuration["Role"]).rsplit('/').next().expect("a name").to_owned();
        let log_group = text(&configuration["LoggingConfig"]["LogGroup"]);
        Self { stack, name, role, log_group }
    }

    /// Takes one action after the other out of the role's policy: `works` must fail without each, but for those
    /// of `unobserved`, and must hold again with all of them. A statement falls with its first action.
    #[track_caller]
    pub(crate) fn needs_each_grant(
        &self,
        unobserved: &[Unobserved],
        works: impl Fn(&Self, Option<&Granted>) -> Result<(), String>,
    ) {
        let policy = self.policy();
        works(self, None).unwrap_or_else(|error| panic!("{} with all grants: {error}", self.name));
        let granted = granted(&policy);
        let mut wrong = Vec::new();
        for one in &granted {
            self.put_policy(&without(&policy, one));
            let result = works(self, Some(one));
            self.put_policy(&policy);
            match (result, unobserved.iter().find(|it| it.is(one))) {
                (Ok(()), None) => wrong.push(format!("nothing needs {one:?}")),
                (Err(error), Some(it)) => {
                    wrong.push(format!("{one:?} is needed ({error}), though excused: {}", it.reason));
                }
                (Ok(()), Some(_)) => continue,
                (Err(_), None) => {}
            }
            works(self, None).unwrap_or_else(|error| panic!("{} with {one:?} again: {error}", self.name));
        }
        let unused = unobserved.iter().filter(|it| !granted.iter().any(|one| it.is(one)));
        wrong.extend(unused.map(|it| format!("{it:?} is not granted")));
        assert!(wrong.is_empty(), "{}: {wrong:#?}", self.name);
    }

    /// Demands that the function has logged something about `item`.
    pub(crate) fn has_logged(&self, item: &str) -> Result<(), String> {
        let lines = self.stack.engine.log_lines(&self.log_group);
        let found = lines.iter().any(|line| line["item"].as_str().is_some_and(|it| it.contains(item)));
        if found { Ok(()) } else { Err(format!("no log line of {item}")) }
    }

    /// Invokes the function and demands that it succeeds.
    pub(crate) fn invoke(&self, event: &Value) -> Result<Value, String> {
        self.stack.engine.invoke(&self.name, event).map_err(|error| error.to_string())
    }

    /// What its event source mapping says of itself.
    pub(crate) fn mapping_result(&self) -> String {
        let path = format!("/2015-03-31/event-source-mappings/?FunctionName={}", self.name);
        let mappings = self.stack.engine.get(&path).is(200).json();
        let result = mappings["EventSourceMappings"][0]["LastProcessingResult"].as_str();
        result.unwrap_or_else(|| panic!("{mappings}")).to_owned()
    }

    fn policy(&self) -> Value {
        let xml = self
            .stack
            .engine
            .query("iam", &[("Action", "GetRolePolicy"), ("RoleName", &self.role), ("PolicyName", POLICY)]);
        let (_, rest) = xml.split_once("<PolicyDocument>").unwrap_or_else(|| panic!("{xml}"));
        let (document, _) = rest.split_once("</PolicyDocument>").expect("its end");
        serde_json::from_str(&unescaped(document)).unwrap_or_else(|error| panic!("{error}: {document}"))
    }

    fn put_policy(&self, policy: &Value) {
        self.stack.engine.query(
            "iam",
            &[
                ("Action", "PutRolePolicy"),
                ("RoleName", &self.role),
                ("PolicyName", POLICY),
                ("PolicyDocument", &policy.to_string()),
            ],
        );
    }
}

/// Every action of every statement.
fn granted(policy: &Value) -> Vec<Granted> {
    let mut all = Vec::new();
    for (statement, content) in statements(policy).iter().enumerate() {
        let resources = content["Resource"].as_array().expect("resources");
        assert_eq!((&content["Effect"], resources.len()), (&json!("Allow"), 1), "{content}");
        for action in content["Action"].as_array().expect("actions") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            all.push(Granted { statement, action: text(action), resource: text(&resources[0]) });
        }
    }
    all
}

fn statements(policy: &Value) -> &Vec<Value> {
    policy["Statement"].as_array().expect("statements")
}

/// The policy without one action, or without a statement whose only action it is.
fn without(policy: &Value, granted: &Granted) -> Value {
    let mut statements = statements(policy).clone();
    let actions = statements[granted.statement]["Action"].as_array_mut().expect("actions");
    actions.retain(|action| *action != granted.action);
    if actions.is_empty() {
        statements.remove(granted.statement);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Decodes what is escaped as in an address.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = code.filter(|_| *first == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Does what a function that writes records does, by hand and through its queue.
pub(crate) fn writes_records(
    writer: &Subject<'_>,
    queue: &str,
    table: &str,
    removed: Option<&Granted>,
) -> Result<(), String> {
    let (by_hand, queued) = (new_id(), new_id());
    let message = json!({
        "messageId": by_hand,
        "receiptHandle": "none",
        "body": record(&by_hand).to_string(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    });
    let answer = writer.invoke(&json!({"Records": [message]}))?;
    if answer["batchItemFailures"] != json!([]) {
        return Err(answer.to_string());
    }
    writer.has_logged(&by_hand)?;
    let engine = &writer.stack.engine;
    let request = json!({"QueueUrl": queue, "MessageBody": record(&queued).to_string()});
    engine.call("AmazonSQS.SendMessage", &request);
    poll::until("the record is stored, or the mapping says why not", LOOKS, || {
        let request = json!({"TableName": table, "Key": {"id": {"S": queued}}});
        if engine.call("DynamoDB_20120810.GetItem", &request).get("Item").is_some() {
            return Ok(Ok(()));
        }
        // With all grants, a problem is one of before, which the next look at the queue ends.
        let result = writer.mapping_result();
        if removed.is_some() && result.starts_with("PROBLEM") { Ok(Err(result)) } else { Err(result) }
    })
}

fn record(id: &str) -> Value {
    json!({
        "version": 1,
        "id": id,
        "source": "probe",
        "position": {"number": 1, "offset": 0},
        "ordering": format!("{:032x}.{:012}", 1, 1),
        "deduplication_id": id,
        "body": {"n": 1},
    })
}

/// An id that no other probe of the test has.
pub(crate) fn new_id() -> String {
    thread_local!(static LAST: Cell<usize> = const { Cell::new(0) });
    format!("probe-{}-", LAST.replace(LAST.get() + 1))
}
