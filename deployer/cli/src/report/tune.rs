//! A function at several memory sizes, as a table with bars and as JSON lines.

use std::cell::Cell;

use pipectl_engine::tune::measure::{Measured, Progress, Trial};
use pipectl_engine::tune::price::{self, Price};
use pipectl_engine::tune::sample::Sample;
use serde_json::{Value, json};

use super::console::Console;
use super::style::count;
use crate::invocation::Next;

/// Width of the longest bar, characters.
const BAR: usize = 24;

/// Shows what happens while a function is measured.
pub(crate) struct Progressing<'a> {
    console: &'a Console,
    invocations: usize,
    done: Cell<usize>,
}

impl<'a> Progressing<'a> {
    /// Starts to show a trial.
    pub(crate) fn new(console: &'a Console, trial: &Trial<'_>) -> Self {
        let each = usize::try_from(trial.invocations).unwrap_or(usize::MAX).saturating_add(1);
        let invocations = trial.sizes.len().saturating_mul(each);
        let sizes = count(trial.sizes.len(), "memory size", "memory sizes");
        console.say(&format!(
            "measuring {} at {sizes}: {} in all",
            console.style.bold(trial.function),
            count(invocations, "invocation", "invocations")
        ));
        console.busy("measuring", Some(invocations));
        Self { console, invocations, done: Cell::new(0) }
    }

    /// Shows a step.
    pub(crate) fn show(&self, step: Progress) {
        if self.console.is_json() {
            if let Some(line) = step_json(&step) {
                self.console.json(&line);
            }
            return;
        }
        match step {
            Progress::Resized(megabytes) => {
                self.console.step(self.done.get(), &format!("{megabytes} MB"));
            }
            Progress::Invoked { megabytes, .. } => {
                self.done.set((self.done.get() + 1).min(self.invocations));
                self.console.step(self.done.get(), &format!("{megabytes} MB"));
            }
            Progress::Failed { megabytes, reason } => {
                let failed = self.console.style.yellow("failed");
                self.console.warn(&format!("  {megabytes} MB: {failed}: {reason}"));
            }
            Progress::Restored(megabytes) => {
                self.console.idle();
                self.console.say(&format!("  the function has its {megabytes} MB again"));
            }
        }
    }
}

fn step_json(step: &Progress) -> Option<Value> {
    Some(match step {
        Progress::Resized(megabytes) => json!({"type": "memory_size_tried", "memory_size": megabytes}),
        Progress::Failed { megabytes, reason } => {
            json!({"type": "memory_size_failed", "memory_size": megabytes, "reason": reason})
        }
        Progress::Restored(megabytes) => {
            json!({"type": "memory_size_restored", "memory_size": megabytes})
        }
        Progress::Invoked { .. } => return None,
    })
}

/// Shows the samples; the best size is marked.
pub(crate) fn measured(console: &Console, measured: &Measured, price: &Price, best: u32) {
    if console.is_json() {
        for sample in &measured.samples {
            console.json(&sample_json(sample, price));
        }
        return;
    }
    let style = console.result_style;
    let head = format!(
        "{:>8}  {:>10}  {:>10}  {:>9}  {:>12}  {:>7}  {:>10}",
        "memory", "mean", "p90", "billed", "1M runs", "used", "cold start"
    );
    console.result(&style.bold(&head));
    for sample in &measured.samples {
        let row = row(sample, price);
        console.result(&if sample.megabytes == best { style.green(&row) } else { row });
    }
    for line in bars(&measured.samples, price, best) {
        console.result(&line);
    }
    let architecture = measured.architecture.as_str();
    let source = format!("prices of {}: {architecture}, {}", price::READ_ON, price::SOURCE);
    console.result(&style.dim(&source));
}

fn row(sample: &Sample, price: &Price) -> String {
    let cold = sample.init_ms.map_or_else(|| "-".to_owned(), milliseconds);
    let tight = if sample.is_tight() { "  hardly enough memory" } else { "" };
    format!(
        "{:>5} MB  {:>10}  {:>10}  {:>9}  {:>12}  {:>4} MB  {cold:>10}{tight}",
        sample.megabytes,
        milliseconds(sample.mean_ms()),
        milliseconds(sample.duration_ms(0.9)),
        milliseconds(sample.billed_ms()),
        dollars(sample.cost(price)),
        sample.memory_used(),
    )
}

fn milliseconds(milliseconds: f64) -> String {
    if milliseconds < 100.0 { format!("{milliseconds:.2} ms") } else { format!("{milliseconds:.0} ms") }
}

fn dollars(dollars: f64) -> String {
    format!("{dollars:.2} USD")
}

/// Draws duration and cost side by side, each against its longest.
fn bars(samples: &[Sample], price: &Price, best: u32) -> Vec<String> {
    let longest = |value: &dyn Fn(&Sample) -> f64| samples.iter().map(value).fold(0.0, f64::max);
    let duration = |sample: &Sample| sample.mean_ms();
    let cost = |sample: &Sample| sample.cost(price);
    let (slowest, dearest) = (longest(&duration), longest(&cost));
    let mut lines = vec![String::new(), format!("{:>8}  {:BAR$}  {}", "", "duration", "cost")];
    lines.extend(samples.iter().map(|sample| {
        let (first, second) = (bar(duration(sample), slowest), bar(cost(sample), dearest));
        let mark = if sample.megabytes == best { "  best" } else { "" };
        format!("{:>5} MB  {first:BAR$}  {second:BAR$}{mark}", sample.megabytes).trim_end().to_owned()
    }));
    lines.push(String::new());
    lines
}

/// Draws a bar of half characters; what is more than nothing is seen.
fn bar(value: f64, longest: f64) -> String {
    let reached = |halves: &u32| f64::from(*halves) * longest < value * 2.0 * f64::from(BAR as u32);
    let halves = (0..2 * BAR as u32).take_while(reached).count();
    format!("{}{}", "█".repeat(halves / 2), if halves % 2 == 1 { "▌" } else { "" })
}

fn sample_json(sample: &Sample, price: &Price) -> Value {
    json!({
        "type": "memory_size_measured", "memory_size": sample.megabytes,
        "invocations": sample.invocations(), "duration_ms": sample.mean_ms(),
        "duration_p50_ms": sample.duration_ms(0.5), "duration_p90_ms": sample.duration_ms(0.9), "billed_ms": sample.billed_ms(),
        "cost_of_a_million_usd": sample.cost(price), "memory_used": sample.memory_used(),
        "init_ms": sample.init_ms,
    })
}

/// How it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// Best memory size, MB.
    pub(crate) best: u32,
    /// Memory size of the deployed function, MB.
    pub(crate) deployed: u32,
    /// Whether the spec was changed.
    pub(crate) is_written: bool,
}

/// Says how it ended, and what to do with it.
pub(crate) fn outcome(console: &Console, outcome: &Outcome, spec: &str, function: &str) {
    let Outcome { best, deployed, is_written } = *outcome;
    if console.is_json() {
        console.json(&json!({
            "type": "outcome", "result": "measured", "best": best, "deployed": deployed, "written": is_written,
            "prices": {"read_on": price::READ_ON, "source": price::SOURCE},
        }));
        return;
    }
    let text = if is_written {
        let next = console.command(&Next::Up);
        format!("wrote {best} MB for {function} into {spec}; deploy it: {next}")
    } else if best == deployed {
        format!("{function} has the best size already: {best} MB")
    } else {
        format!(
            "the best size for {function} is {best} MB, it has {deployed} MB; --write puts it into the spec"
        )
    };
    console.say(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        let length = |value| bar(value, 48.0).chars().count();
        assert_eq!((length(48.0), length(24.0), length(2.0), length(0.0)), (24, 12, 1, 0));
        assert_eq!(bar(0.1, 48.0), "▌");
    }

    #[test]
    fn short_durations_are_written_exactly() {
        assert_eq!((milliseconds(3.214).as_str(), milliseconds(123.4).as_str()), ("3.21 ms", "123 ms"));
    }
}
