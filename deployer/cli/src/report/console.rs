//! stdout, stderr and the progress bar between them.

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::style::Style;
use crate::args::{Color, Format, Global};
use crate::env_var;
use crate::failure::Failure;

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
    /// Token of the operation that CloudFormation carries out for us.
    operation: RefCell<Option<String>>,
}

impl Console {
    /// Decides once about colours and progress.
    pub(crate) fn new(global: &Global) -> Self {
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
            operation: RefCell::default(),
        }
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

    /// Remembers the operation that CloudFormation has begun for us, until it is over.
    pub(crate) fn begin(&self, operation: Option<&str>) {
        *self.operation.borrow_mut() = operation.map(str::to_owned);
    }

    /// Returns the token of the operation that goes on without us.
    pub(crate) fn operation(&self) -> Option<String> {
        self.operation.borrow().clone()
    }

    /// Says whether talk is wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a line of the result to stdout. A reader that has gone away is no failure.
    pub(crate) fn result(&self, text: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stdout(), "{text}");
        });
    }

    /// Writes one JSON line to stdout.
    pub(crate) fn json(&self, value: &Value) {
        self.result(&value.to_string());
    }

    /// Writes a line of talk to stderr.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Writes a line to stderr that `--quiet` does not silence.
    pub(crate) fn warn(&self, text: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{text}");
        });
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    pub(crate) fn ask(&self, question: &str) -> bool {
        self.bar.suspend(|| {
            let _ = write!(std::io::stderr(), "{question} [y/N] ");
            let _ = std::io::stderr().flush();
            let mut answer = String::new();
            let read = std::io::stdin().read_line(&mut answer);
            read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
        })
    }

    /// Shows what is going on, on a terminal, until [`Self::idle`].
    pub(crate) fn busy(&self, text: &str, steps: Option<usize>) {
        if !self.live {
            return;
        }
        self.bar.reset();
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
                "hints": failure.hints,
            }));
        }
        let mut lines = failure.chain.iter();
        if let Some(first) = lines.next() {
            self.warn(&format!("{} {first}", self.style.red("error:")));
        }
        for cause in lines {
            self.warn(&format!("  caused by: {cause}"));
        }
        if !failure.hints.is_empty() {
            self.warn("");
        }
        for hint in &failure.hints {
            self.warn(&format!("{} {hint}", self.style.cyan("hint:")));
        }
    }
}
