//! The form of the feedback example, in a real browser, against the example on a local engine.
//!
//! The page comes from a file, so every request of it is one to another origin.

mod support;

use std::io::Write as _;

use serde_json::{Value, json};
use support::browser::{self, Browser};
use support::http::escaped;
use support::stack::{Stack, write_example};
use support::{Sandbox, poll, repository};

/// Looks at what takes a moment, on a loaded machine.
const LOOKS: usize = 480;

#[test]
fn form_shows_errors_and_thanks_and_sends_nothing_where_cors_forbids_it() {
    #[expect(clippy::disallowed_methods, reason = "the program is found as a shell would find it")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) = browser::find(&path) else {
        // Not through `eprintln!`, whose output the harness keeps from a test that passes.
        let _ =
            writeln!(std::io::stderr(), "not run: no chromium in PATH to open examples/feedback/form.html");
        return;
    };
    let sandbox = Sandbox::new();
    write_example(&sandbox, "feedback", |spec| spec);
    let stack = Stack::up(&sandbox, &[]);
    preflight_allows_what_the_form_sends(&stack);
    let mut browser = Browser::start(&program, sandbox.path());
    errors_are_shown_beside_their_fields(&mut browser, &stack);
    corrected_feedback_is_thanked_for_and_stored(&mut browser, &stack);
    refused_origin_gets_nothing_through(&mut browser, &stack, &sandbox);
}

fn preflight_allows_what_the_form_sends(stack: &Stack) {
    let headers = [
        ("Origin", "null"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type,idempotency-key"),
    ];
    let answer = stack.request("FeedbackApiUrl", "OPTIONS", "/feedback", &headers, b"");
    assert!((200..300).contains(&answer.status), "{}", answer.head);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{}", answer.head);
}

fn errors_are_shown_beside_their_fields(browser: &mut Browser, stack: &Stack) {
    open_form(browser, stack, "");
    fill(browser, &json!({"contact": "nobody"}));
    assert_eq!(send(browser), "Please correct what is marked.");
    let marked = "[...document.querySelectorAll('[aria-invalid=true]')].map(field => field.id)";
    assert_eq!(browser.evaluate(marked), json!(["rating", "contact"]));
    assert_eq!(shown(browser, "rating-error"), "This is missing.");
    let wrong = "This is not an e-mail address of at most 254 characters.";
    assert_eq!(shown(browser, "contact-error"), wrong);
    assert_eq!(shown(browser, "comment-error"), "");
}

fn corrected_feedback_is_thanked_for_and_stored(browser: &mut Browser, stack: &Stack) {
    fill(browser, &json!({"rating": "4", "contact": "me@example.org", "comment": "Grüße & <b>dank</b>"}));
    let thanks = send(browser);
    assert_eq!(browser.evaluate("document.querySelectorAll('[aria-invalid]').length"), 0);
    assert_eq!(browser.evaluate("document.getElementById('comment').value"), "", "the form is empty again");
    let from_web = item(stack, number_in(&thanks));
    assert_eq!(from_web["rating"], json!({"N": "4"}));
    assert_eq!(from_web["channel"], json!({"S": "web"}));
    assert_eq!(from_web["contact"], json!({"S": "me@example.org"}));
    assert_eq!(from_web["comment"], json!({"S": "Grüße & <b>dank</b>"}));

    open_form(browser, stack, "&channel=mobile");
    fill(browser, &json!({"rating": "1"}));
    let thanks = send(browser);
    assert_eq!(item(stack, number_in(&thanks))["channel"], json!({"S": "mobile"}));
}

fn refused_origin_gets_nothing_through(browser: &mut Browser, stack: &Stack, sandbox: &Sandbox) {
    write_example(sandbox, "feedback", |spec| {
        let any = "allow_origins: [\"*\"]";
        assert_eq!(spec.matches(any).count(), 1);
        spec.replace(any, "allow_origins: [\"https://www.example.com\"]")
    });
    let up = sandbox.run(&["up", "--local", "--format", "json"]).exits(0);
    assert_eq!(up.outcome()["result"], "updated");
    let stored = stack.engine.items(stack.output("FeedbackTableName")).len();
    open_form(browser, stack, "");
    fill(browser, &json!({"rating": "5"}));
    assert_eq!(send(browser), "The server cannot be reached. Please send it again.");
    assert_eq!(stack.engine.messages(stack.output("FeedbackQueueUrl")), (0, 0));
    assert_eq!(stack.engine.items(stack.output("FeedbackTableName")).len(), stored);
}

fn open_form(browser: &mut Browser, stack: &Stack, query: &str) {
    let form = repository().join("examples/feedback/form.html");
    let path = escaped(form.to_str().expect("UTF-8"));
    let api = stack.output("FeedbackApiUrl");
    browser.open(&format!("file://{path}?api={api}{query}"));
}

/// Types into the fields and chooses the rating.
fn fill(browser: &mut Browser, fields: &Value) {
    let script = "(fields => { for (const [name, value] of Object.entries(fields)) { \
                  const radio = document.querySelector(`input[type=radio][name=${name}][value=\"${value}\"]`); \
                  if (radio) radio.click(); else document.getElementById(name).value = value; } return true; })";
    assert_eq!(browser.evaluate(&format!("{script}({fields})")), true);
}

/// Presses the button; returns what the page then says.
#[track_caller]
fn send(browser: &mut Browser) -> String {
    let script = "new Promise(done => { const status = document.getElementById('status'); \
                  new MutationObserver(() => { if (status.textContent) done(status.textContent); }) \
                  .observe(status, { childList: true }); \
                  document.querySelector('button[type=submit]').click(); })";
    browser.evaluate(script).as_str().expect("a text").to_owned()
}

fn shown(browser: &mut Browser, id: &str) -> Value {
    browser.evaluate(&format!("document.getElementById('{id}').innerText"))
}

#[track_caller]
fn number_in(thanks: &str) -> &str {
    let number = thanks.strip_prefix("Thank you. Your feedback has the number ");
    number.and_then(|rest| rest.strip_suffix('.')).unwrap_or_else(|| panic!("{thanks}"))
}

/// Waits for the item of a feedback; returns its content.
#[track_caller]
fn item(stack: &Stack, id: &str) -> Value {
    let table = stack.output("FeedbackTableName");
    poll::until("the feedback is stored", LOOKS, || {
        let request = json!({"TableName": table, "Key": {"id": {"S": id}}});
        let found = stack.engine.call("DynamoDB_20120810.GetItem", &request);
        found.get("Item").map(|item| item["body"]["M"].clone()).ok_or_else(|| "nothing".to_owned())
    })
}
