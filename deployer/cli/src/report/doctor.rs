//! What `pipectl doctor` found, as text and as JSON lines.

use serde_json::json;

use super::console::Console;

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Check {
    /// What it belongs to.
    pub(crate) area: &'static str,
    /// How it is.
    pub(crate) state: State,
    /// What was found.
    pub(crate) text: String,
    /// What to do.
    pub(crate) hints: Vec<String>,
}

/// How something is, better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// As it should be.
    Good,
    /// Not known, or not needed here.
    Doubtful,
    /// A deployment would fail.
    Bad,
}

/// Shows one check.
pub(crate) fn check(console: &Console, check: &Check) {
    if console.is_json() {
        console.json(&json!({
            "type": "check", "area": check.area, "state": word(check.state), "message": check.text,
            "hints": check.hints,
        }));
        return;
    }
    let style = console.result_style;
    let padded = format!("{:<8}", word(check.state));
    let word = match check.state {
        State::Good => style.green(&padded),
        State::Doubtful => style.yellow(&padded),
        State::Bad => style.red(&padded),
    };
    console.result(&format!("{word}  {}: {}", style.bold(check.area), check.text));
    for hint in &check.hints {
        for line in hint.lines() {
            console.result(&format!("          {line}"));
        }
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Doubtful => "doubtful",
        State::Bad => "bad",
    }
}

/// Says how it ended.
pub(crate) fn outcome(console: &Console, worst: State) {
    if console.is_json() {
        let result = if worst == State::Bad { "unready" } else { "ready" };
        console.json(&json!({"type": "outcome", "result": result}));
    } else if worst == State::Bad {
        console.say("a deployment would fail");
    }
}
