//! stdout, stderr and the progress bar between them.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::rc::Rc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::style::Style;
use crate::args::{Color, Format, Global};
use crate::env_var;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::{Invocation, Next};

/// Where everything is written.
pub(crate) struct Console {
    format: Format,
    quiet: bool,
    live: bool,
    /// Style of stderr.
    pub(crate) style: Style,
    /// Style of stdout.
    pub(crate) result_style: Style,
    bar: ProgressBar,
    /// What CloudFormation has begun for us.
    begun: RefCell<Begun>,
    /// True when there are consoles of parts.
    has_parts: Cell<bool>,
    /// Held while a question is open; one for all parts.
    questions: Rc<tokio::sync::Mutex<()>>,
    /// What the hints are about.
    invocation: RefCell<Invocation>,
    /// What became of the output; one for all parts.
    written: Rc<Written>,
    /// One of several things that are done, whose name each line carries.
    part: Option<Part>,
}

/// What CloudFormation has begun for us, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Nothing.
    #[default]
    Nothing,
    /// There may be a change set that waits, with a stack of its own that has no resources.
    ChangeSet {
        /// Whether the change set is one that creates the stack.
        with_stack: bool,
    },
    /// The operation with this token was asked for, and no answer came yet.
    Perhaps(String),
    /// The operation with this token.
    Operation(String),
}

/// A part of what a command does, with an outcome of its own.
#[derive(Debug, Clone)]
struct Part {
    /// Name before each line of talk; none where there is nothing to tell apart.
    name: Option<String>,
    /// The stack that JSON lines name.
    stack: String,
    /// `type` of the JSON line that is the part's last.
    outcome: &'static str,
}

/// What became of the two streams.
#[derive(Debug, Default)]
struct Written {
    stdout: Stream,
    stderr: Stream,
}

/// A stream that is written to until a write fails: half an output continued would look whole.
#[derive(Debug, Default)]
struct Stream {
    failed: RefCell<Option<io::Error>>,
}

impl Stream {
    fn write(&self, mut to: impl Write, text: &str) -> bool {
        if self.failed.borrow().is_some() {
            return false;
        }
        let written = to.write_all(text.as_bytes()).and_then(|()| to.flush());
        *self.failed.borrow_mut() = written.err();
        self.failed.borrow().is_none()
    }

    /// Returns why the stream does not hold all that was written. That its reader went away is the reader's
    /// choice, not a failure.
    fn failure(&self, name: &str) -> Option<Failure> {
        let failed = self.failed.borrow();
        let error = failed.as_ref().filter(|error| error.kind() != ErrorKind::BrokenPipe)?;
        Some(Failure::unwritten(name, error))
    }
}

impl Console {
    /// Decides once about colours and progress.
    pub(crate) fn new(global: &Global, invocation: Invocation) -> Self {
        let (talk, result) = (std::io::stderr().is_terminal(), std::io::stdout().is_terminal());
        let colored = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !env_var::no_color(),
        };
        let live = talk && !global.quiet && global.format == Format::Human;
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            format: global.format,
            quiet: global.quiet,
            live,
            style: Style::new(colored(talk)),
            result_style: Style::new(colored(result) && global.format == Format::Human),
            bar: ProgressBar::with_draw_target(None, target),
            begun: RefCell::default(),
            has_parts: Cell::new(false),
            questions: Rc::default(),
            invocation: RefCell::new(invocation),
            written: Rc::default(),
            part: None,
        }
    }

    /// Ends the program: a command that went well failed all the same if its output was not written.
    pub(crate) fn close(&self, exit: Exit) -> Exit {
        let unwritten = self.written.stdout.failure("stdout");
        let Some(failure) = unwritten.or_else(|| self.written.stderr.failure("stderr")) else { return exit };
        // What is not on stdout is not tried there again.
        self.tell(&failure);
        if exit == Exit::Done { failure.exit } else { exit }
    }

    /// Returns the bars of several consoles that are drawn together.
    pub(crate) fn bars(&self) -> MultiProgress {
        let target = if self.live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        MultiProgress::with_draw_target(target)
    }

    /// Returns the console of one of several stacks: its lines name the stack, and its last JSON line is
    /// a `stack_outcome`.
    pub(crate) fn of_stack(&self, stack: &str, invocation: Invocation, bars: &MultiProgress) -> Self {
        let part = Part { name: Some(stack.to_owned()), stack: stack.to_owned(), outcome: "stack_outcome" };
        let console = self.part(part, bars.add(ProgressBar::no_length()));
        console.works_on(invocation);
        console
    }

    /// Returns the console of one of several rounds; its last JSON line is a `round_outcome`.
    pub(crate) fn of_round(&self, stack: &str) -> Self {
        let part = Part { name: None, stack: stack.to_owned(), outcome: "round_outcome" };
        self.part(part, self.bar.clone())
    }

    fn part(&self, part: Part, bar: ProgressBar) -> Self {
        self.has_parts.set(true);
        let Self { format, quiet, live, style, result_style, .. } = *self;
        let begun = RefCell::default();
        let has_parts = Cell::new(false);
        let written = Rc::clone(&self.written);
        let part = Some(part);
        let invocation = self.invocation.clone();
        let questions = Rc::clone(&self.questions);
        Self {
            format,
            quiet,
            live,
            style,
            result_style,
            bar,
            begun,
            has_parts,
            questions,
            invocation,
            written,
            part,
        }
    }

    /// Puts the part's name before each line.
    fn named(&self, text: &str) -> String {
        let Some(name) = self.part.as_ref().and_then(|part| part.name.as_ref()) else {
            return text.to_owned();
        };
        text.lines().map(|line| format!("{name}: {line}")).collect::<Vec<_>>().join("\n")
    }

    /// Takes another stack for what the hints are about.
    pub(crate) fn works_on(&self, invocation: Invocation) {
        *self.invocation.borrow_mut() = invocation;
    }

    /// Returns what the hints are about.
    pub(crate) fn invocation(&self) -> Invocation {
        self.invocation.borrow().clone()
    }

    /// Writes a command as it is typed for the stack at hand.
    pub(crate) fn command(&self, next: &Next) -> String {
        self.invocation.borrow().command(next)
    }

    /// Says whether stdout carries JSON lines.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Says whether stdout carries a SARIF document.
    pub(crate) fn is_sarif(&self) -> bool {
        self.format == Format::Sarif
    }

    /// Says whether stdout carries Markdown.
    pub(crate) fn is_markdown(&self) -> bool {
        self.format == Format::Markdown
    }

    /// Says whether a person can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        !self.is_json() && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Remembers what CloudFormation has begun for us, until it is over.
    pub(crate) fn begin(&self, begun: Begun) {
        *self.begun.borrow_mut() = begun;
    }

    /// Returns what CloudFormation has begun for us.
    pub(crate) fn begun(&self) -> Begun {
        self.begun.borrow().clone()
    }

    /// True when what was begun was begun by consoles of parts.
    pub(crate) fn has_parts(&self) -> bool {
        self.has_parts.get()
    }

    /// Returns the token of the operation that goes on without us.
    pub(crate) fn operation(&self) -> Option<String> {
        match self.begun() {
            Begun::Operation(token) => Some(token),
            Begun::Nothing | Begun::ChangeSet { .. } | Begun::Perhaps(_) => None,
        }
    }

    /// Says whether talk is wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a line of the result to stdout.
    pub(crate) fn result(&self, text: &str) {
        self.write(&self.named(text));
    }

    fn write(&self, line: &str) {
        self.bar.suspend(|| {
            self.written.stdout.write(io::stdout(), &format!("{line}\n"));
        });
    }

    /// Writes one JSON line to stdout.
    pub(crate) fn json(&self, value: &Value) {
        let Some(part) = &self.part else { return self.write(&value.to_string()) };
        let mut value = value.clone();
        if let Some(line) = value.as_object_mut() {
            if line.get("type").is_some_and(|kind| kind == "outcome") {
                line.insert("type".to_owned(), json!(part.outcome));
            }
            line.insert("stack".to_owned(), json!(part.stack));
        }
        self.write(&value.to_string());
    }

    /// Writes a line of talk to stderr.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Writes a line to stderr that `--quiet` does not silence.
    pub(crate) fn warn(&self, text: &str) {
        let text = self.named(text);
        self.bar.suspend(|| {
            self.written.stderr.write(io::stderr(), &format!("{text}\n"));
        });
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    ///
    /// The answer is read beside everything else, so that Ctrl-C ends the program while it is awaited: what is
    /// typed afterwards is nobody's answer. One question is asked at a time.
    pub(crate) async fn ask(&self, question: &str) -> bool {
        let _asking = self.questions.lock().await;
        self.idle();
        let question = format!("{} [y/N] ", self.named(question));
        if !self.bar.suspend(|| self.written.stderr.write(io::stderr(), &question)) {
            return false;
        }
        let (sender, answer) = tokio::sync::oneshot::channel();
        // Not one of the runtime's threads, for whose end it would wait.
        std::thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().read_line(&mut answer);
            let _ = sender.send(read.is_ok() && is_yes(&answer));
        });
        answer.await.unwrap_or(false)
    }

    /// Shows what is going on, on a terminal, until [`Self::idle`].
    pub(crate) fn busy(&self, text: &str, steps: Option<usize>) {
        if !self.live {
            return;
        }
        self.bar.reset();
        let steps = steps.filter(|steps| *steps > 0);
        let shape = if steps.is_some() { "{spinner} {bar:24} {pos}/{len} {msg}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(shape) {
            self.bar.set_style(style);
        }
        self.bar.set_length(steps.unwrap_or(0) as u64);
        self.bar.set_position(0);
        self.bar.set_message(text.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// Moves the progress bar.
    pub(crate) fn step(&self, done: usize, text: &str) {
        self.bar.set_position(done as u64);
        self.bar.set_message(text.to_owned());
    }

    /// Moves the progress bar by one.
    pub(crate) fn advance(&self, text: &str) {
        self.bar.inc(1);
        self.bar.set_message(text.to_owned());
    }

    /// Removes the progress bar.
    pub(crate) fn idle(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }

    /// Clears the line that something else has left unfinished: cargo's progress, `^C`.
    pub(crate) fn clear_line(&self) {
        if self.live {
            self.written.stderr.write(io::stderr(), "\r\u{1b}[2K");
        }
    }

    /// Says what failed, why, and what to do.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.idle();
        if self.is_json() {
            self.json(&json!({
                "type": "outcome",
                "result": "failed",
                "exit_code": failure.exit as u8,
                "error": failure.chain.first(),
                "causes": failure.chain.iter().skip(1).collect::<Vec<_>>(),
                "hints": self.hints(failure),
            }));
        }
        self.tell(failure);
    }

    /// Writes the hints of a failure.
    pub(crate) fn hints(&self, failure: &Failure) -> Vec<String> {
        let invocation = self.invocation.borrow();
        failure.hints.iter().map(|hint| hint.text(&invocation)).collect()
    }

    fn tell(&self, failure: &Failure) {
        let mut lines = failure.chain.iter();
        if let Some(first) = lines.next() {
            self.warn(&format!("{} {first}", self.style.red("error:")));
        }
        for cause in lines {
            self.warn(&format!("  caused by: {cause}"));
        }
        let hints = self.hints(failure);
        if !hints.is_empty() {
            self.warn("");
        }
        for hint in hints {
            self.warn(&format!("{} {hint}", self.style.cyan("hint:")));
        }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
