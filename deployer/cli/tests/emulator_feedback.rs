//! The feedback example on a local engine: what customers send is stored once, and the team hears of the rest.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use support::http::Answer;
use support::stack::{Stack, write_example};
use support::{Sandbox, poll};

/// Different submissions that are as described.
const VALID: usize = 1_000;

/// Submissions that are not.
const INVALID: usize = 200;

/// Every so many-th valid submission is sent twice, with its key.
const TWICE: usize = 10;

/// Clients at work at the same time.
const CLIENTS: usize = 16;

/// Messages that the writer cannot read, at a time.
const POISON: usize = 20;

/// `max_receive_count` of the example's queue.
const ATTEMPTS: usize = 5;

/// Looks at a pipeline that works through thousands of messages on a loaded machine.
const LOOKS: usize = 480;

/// What people may be told: that the alarm calmed down, which nobody is, that it went off, and what waits.
const OK: &str = "OK";
const ALARM: &str = "ALARM";
const NOTICE: &str = "notice";

/// Words of a customer, which must not go to the team by e-mail or SMS.
const PRIVATE: &str = "my doctor told me";

#[test]
fn every_accepted_submission_is_stored_exactly_once_and_no_refused_one() {
    let sandbox = Sandbox::new();
    write_example(&sandbox, "feedback", |spec| spec);
    let stack = Stack::up(&sandbox, &[]);
    let submissions = submissions();
    let answers = submit(&stack, &submissions);

    let mut comments: BTreeMap<String, String> = BTreeMap::new();
    for (submission, answer) in submissions.iter().zip(answers) {
        match &submission.bad_fields {
            Some(fields) => assert_eq!(named_fields(answer), *fields, "{}", submission.body),
            None => {
                let id = answer.is(202).json()["id"].as_str().expect("an id").to_owned();
                let comment = submission.body["comment"].as_str().expect("a comment").to_owned();
                let before = comments.insert(id, comment.clone());
                assert!(before.is_none_or(|it| it == comment), "two submissions have one id");
            }
        }
    }
    assert_eq!(comments.len(), VALID, "a repeated submission has its first id, and no two others have one");

    let queue = stack.output("FeedbackQueueUrl");
    poll::until("the queue is worked through", LOOKS, || match stack.engine.messages(queue) {
        (0, 0) => Ok(()),
        (waiting, in_flight) => Err(format!("{waiting} waiting, {in_flight} in flight")),
    });
    let items = stack.engine.items(stack.output("FeedbackTableName"));
    assert_eq!(items.len(), VALID);
    let stored: BTreeMap<String, String> =
        items.iter().map(|item| (text(&item["id"]), comment(item))).collect();
    assert_eq!(stored, comments);
    assert_eq!(stack.engine.messages(stack.output("FeedbackDlqQueueUrl")), (0, 0));
}

#[test]
fn poison_alerts_the_team_once_per_transition_and_stays_until_it_is_redriven() {
    let sandbox = Sandbox::new();
    // The alarm goes off when the last one is there, so that the alert must be about all of them.
    write_example(&sandbox, "feedback", |spec| {
        assert_eq!(spec.matches("threshold: 0").count(), 1);
        spec.replace("threshold: 0", &format!("threshold: {}", POISON - 1))
    });
    let stack = Stack::up(&sandbox, &[]);
    hurry(&stack);
    let dlq = stack.output("FeedbackDlqQueueUrl");
    let mut told = Vec::new();
    until_calm(&stack);
    let run = sandbox.run(&["local", "inbox", "--format", "json"]).exits(0);
    assert_eq!(run.events("delivery"), [Value::Null; 0], "nothing has failed yet");

    let poison = poison();
    let sent = send(&stack, &poison);
    until_told(&sandbox, &mut told, &[ALARM, NOTICE]);
    assert_eq!(attempts(&stack), sent.iter().map(|id| (id.clone(), ATTEMPTS)).collect());
    assert_eq!(stack.engine.messages(dlq), (POISON as u64, 0), "looking takes nothing away");
    notice_tells_what_happened_and_nothing_private(&sandbox, &stack, &sent);

    let taken = drain(&stack);
    assert_eq!(taken.iter().collect::<BTreeSet<_>>(), poison.iter().collect());
    until_calm(&stack);

    // Redriven before the cause is removed: told again, once.
    send(&stack, &taken);
    until_told(&sandbox, &mut told, &[ALARM, NOTICE]);
    drain(&stack);
    until_calm(&stack);
    until_told(&sandbox, &mut told, &[]);
}

/// What a client sends.
struct Submission {
    body: Value,
    key: Option<String>,
    /// JSON pointers of what is wrong with it; `None` when nothing is.
    bad_fields: Option<Vec<&'static str>>,
}

/// All submissions, mixed.
fn submissions() -> Vec<Submission> {
    let mut all = Vec::new();
    for number in 0..VALID {
        let copies = if number % TWICE == 0 { 2 } else { 1 };
        all.extend((0..copies).map(|_| valid(number)));
        if number % (VALID / INVALID) == 0 {
            all.push(invalid(number));
        }
    }
    all
}

fn valid(number: usize) -> Submission {
    let channel = if number.is_multiple_of(3) { "mobile" } else { "web" };
    let mut body = json!({"rating": number % 5 + 1, "channel": channel, "comment": format!("no. {number}")});
    if number.is_multiple_of(4) {
        body["contact"] = json!(format!("customer+{number}@example.org"));
    }
    // Those that are sent twice, and others.
    let key = number.is_multiple_of(2).then(|| format!("submission-of-customer-{number}"));
    Submission { body, key, bad_fields: None }
}

fn invalid(number: usize) -> Submission {
    let (body, bad_fields) = match number / (VALID / INVALID) % 5 {
        0 => (json!({"rating": 9, "channel": "web"}), vec!["/rating"]),
        1 => (json!({}), vec!["/rating", "/channel"]),
        2 => (
            json!({"rating": 3, "channel": "fax", "comment": "", "contact": "nobody"}),
            vec!["/channel", "/comment", "/contact"],
        ),
        3 => (json!({"rating": 3, "channel": "mobile", "age": 7}), vec!["/age"]),
        _ => (json!(["rating"]), vec![""]),
    };
    Submission { body, key: None, bad_fields: Some(bad_fields) }
}

/// Sends the submissions, many at a time; returns their answers in the same order.
fn submit(stack: &Stack, submissions: &[Submission]) -> Vec<Answer> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<BTreeMap<usize, Answer>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(submission) = submissions.get(number) else { return };
                    let answer = post(stack, submission);
                    answers.lock().expect("no client panicked").insert(number, answer);
                }
            });
        }
    });
    let answers = answers.into_inner().expect("no client panicked");
    assert_eq!(answers.len(), submissions.len());
    answers.into_values().collect()
}

fn post(stack: &Stack, submission: &Submission) -> Answer {
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(submission.key.iter().map(|key| ("Idempotency-Key", key.as_str())));
    let body = submission.body.to_string();
    stack.request("FeedbackApiUrl", "POST", "/feedback", &headers, body.as_bytes())
}

/// Returns the pointers of a problem with the feedback.
#[track_caller]
fn named_fields(answer: Answer) -> Vec<String> {
    let answer = answer.is(400);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(
        (&problem["type"], &problem["status"]),
        (&json!("urn:pipectl:problem:invalid-feedback"), &json!(400))
    );
    let errors = problem["errors"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error["detail"].as_str().is_some_and(|detail| !detail.is_empty())));
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
}

fn comment(item: &Value) -> String {
    text(&item["body"]["M"]["comment"])
}

#[track_caller]
fn text(attribute: &Value) -> String {
    attribute["S"].as_str().unwrap_or_else(|| panic!("{attribute}")).to_owned()
}

/// Lets the queue hide a message for a second, instead of the minute that six timeouts of the writer make.
fn hurry(stack: &Stack) {
    let queue = stack.output("FeedbackQueueUrl");
    let request = json!({"QueueUrl": queue, "Attributes": {"VisibilityTimeout": "1"}});
    stack.engine.call("AmazonSQS.SetQueueAttributes", &request);
}

/// Messages that somebody put on the queue by hand: no JSON, and of a version that is not known.
fn poison() -> Vec<String> {
    let body = |number: usize| match number % 5 {
        0 | 1 => json!({"version": 7, "comment": format!("{PRIVATE} {number}")}).to_string(),
        _ => format!("{PRIVATE} {number}"),
    };
    (0..POISON).map(body).collect()
}

/// Puts messages on the example's queue; returns their ids.
fn send(stack: &Stack, bodies: &[String]) -> BTreeSet<String> {
    let queue = stack.output("FeedbackQueueUrl");
    let mut ids = BTreeSet::new();
    for batch in bodies.chunks(10) {
        let entries: Vec<Value> = batch
            .iter()
            .enumerate()
            .map(|(number, body)| json!({"Id": number.to_string(), "MessageBody": body}))
            .collect();
        let answer =
            stack.engine.call("AmazonSQS.SendMessageBatch", &json!({"QueueUrl": queue, "Entries": entries}));
        let sent = answer["Successful"].as_array().expect("entries");
        ids.extend(sent.iter().map(|entry| entry["MessageId"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(ids.len(), bodies.len());
    ids
}

/// How often the writer worked on each message that it could not read.
fn attempts(stack: &Stack) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in stack.engine.log_lines("/aws/lambda/feedback-feedback-writer") {
        if line["outcome"] == "poison" {
            *counts.entry(line["message_id"].as_str().expect("an id").to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Takes everything out of the dead-letter queue; returns the bodies.
fn drain(stack: &Stack) -> Vec<String> {
    let dlq = stack.output("FeedbackDlqQueueUrl");
    let mut bodies = Vec::new();
    poll::until("the dead-letter queue is empty", LOOKS, || {
        let taken = stack.engine.take(dlq);
        bodies.extend(taken.iter().map(|message| message["Body"].as_str().expect("a body").to_owned()));
        match stack.engine.messages(dlq) {
            (0, 0) => Ok(()),
            left => Err(format!("{left:?}")),
        }
    });
    bodies
}

/// Waits until every alarm of the stack was looked at and none is on.
#[track_caller]
fn until_calm(stack: &Stack) {
    poll::until("all alarms are off", LOOKS, || {
        let parameters = [("Action", "DescribeAlarms"), ("Version", "2010-08-01")];
        let xml = stack.engine.query("monitoring", &parameters);
        let states = xml.split("<StateValue>").skip(1).filter_map(|rest| rest.split('<').next());
        let states: Vec<_> = states.collect();
        let is_calm = !states.is_empty() && states.iter().all(|state| *state == OK);
        if is_calm { Ok(()) } else { Err(format!("{states:?}")) }
    });
}

/// Waits until each of `now` came once by e-mail and once by SMS on top of what was `told`, and nothing else did.
#[track_caller]
fn until_told(sandbox: &Sandbox, told: &mut Vec<(String, &'static str)>, now: &[&'static str]) {
    let by_both = |what: &&'static str| [("email".to_owned(), *what), ("sms".to_owned(), *what)];
    told.extend(now.iter().flat_map(by_both));
    told.sort_unstable();
    let deliveries = poll::until("the team is told", LOOKS, || {
        let deliveries = inbox(sandbox);
        if deliveries.len() >= told.len() { Ok(deliveries) } else { Err(format!("{deliveries:#?}")) }
    });
    let mut kinds: Vec<(String, &str)> = deliveries
        .iter()
        .map(|delivery| (delivery["protocol"].as_str().expect("a protocol").to_owned(), kind(delivery)))
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, *told, "{deliveries:#?}");
}

/// What the team got about the dead-letter queue.
fn inbox(sandbox: &Sandbox) -> Vec<Value> {
    let run = sandbox.run(&["local", "inbox", "--format", "json"]).exits(0);
    run.events("delivery")
        .into_iter()
        .filter(|delivery| headline(delivery).contains("FeedbackDlqQueue"))
        .collect()
}

/// The subject of an e-mail, the text of an SMS.
fn headline(delivery: &Value) -> &str {
    let subject = delivery["subject"].as_str();
    subject.unwrap_or_else(|| delivery["message"].as_str().expect("a text"))
}

fn kind(delivery: &Value) -> &'static str {
    let headline = headline(delivery);
    if headline.starts_with("ALARM") {
        ALARM
    } else if headline.starts_with("OK") {
        OK
    } else {
        NOTICE
    }
}

#[track_caller]
fn notice_tells_what_happened_and_nothing_private(sandbox: &Sandbox, stack: &Stack, sent: &BTreeSet<String>) {
    let inbox = inbox(sandbox);
    assert!(!Value::from(inbox.clone()).to_string().contains(PRIVATE), "{inbox:#?}");
    let of = |protocol: &str| {
        let found = inbox.iter().find(|it| it["protocol"] == protocol && kind(it) == NOTICE);
        found.unwrap_or_else(|| panic!("no notice by {protocol}: {inbox:#?}"))
    };
    let mail = of("email")["message"].as_str().expect("a text");
    let dlq = stack.output("FeedbackDlqQueueUrl");
    let headline = format!("{POISON} messages wait in feedback-FeedbackDlqQueue-");
    assert!(of("email")["subject"].as_str().is_some_and(|it| it.starts_with(&headline)), "{inbox:#?}");
    for part in [
        headline.as_str(),
        // The engine shows the first ten of a queue again and again.
        "Of the 10 looked at:",
        "   6  not a versioned JSON payload: ",
        " and 1 more",
        "   4  payload of the unknown version 7: ",
        "aws sqs start-message-move-task",
        dlq,
    ] {
        assert!(mail.contains(part), "{part} is missing in\n{mail}");
    }
    let named = sent.iter().filter(|id| mail.contains(id.as_str())).count();
    assert_eq!(named, 9, "up to five ids of each cause: {mail}");
    let sms = of("sms")["message"].as_str().expect("a text");
    assert!(sms.starts_with(&headline) && sms.len() <= 140, "{sms}");
}
