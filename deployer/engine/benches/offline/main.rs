//! Time of render, check and offline diff inside the process, by size: `cargo bench -p pipectl-engine`.
//!
//! Prints the median and the best run, and the best run's time of one resource, which stays the same or
//! falls where the work is linear; on a shared machine take the best. The two small specs hold plain
//! tables, the others functions with all that belongs to them. `render` reads a spec, checks it by every
//! law and writes its template; `check` does the same with that template as a foreign one; `diff`
//! compares two templates that differ in every tenth resource. `cargo bench -p pipectl --bench offline`
//! measures the same as whole processes.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

mod generated;

use std::hint::black_box;
use std::time::{Duration, Instant};

use pipectl_engine::execute::preview_of_templates;
use pipectl_engine::template_file;
use serde_json::{Value, json};

const RUNS: usize = 15;

fn main() {
    println!("{:>9}  {:<7} {:>10}  {:>10}  {:>15}", "resources", "verb", "median", "best", "of one, at best");
    for size in generated::SIZES {
        let spec = generated::spec(size);
        let before = generated::template(&spec);
        let after = changed(&before);
        let text = before.to_string();
        row(size, "render", || drop(black_box(generated::template(&spec).to_string())));
        row(size, "check", || drop(black_box(template_file::check(&text))));
        row(size, "diff", || drop(black_box(preview_of_templates("generated", &before, &after))));
    }
}

fn row(size: usize, verb: &str, work: impl Fn()) {
    let times = sorted(work);
    let (best, median) = (times[0].as_secs_f64(), times[RUNS / 2].as_secs_f64());
    let of_one = best * 1e6 / f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    println!("{size:>9}  {verb:<7} {:>7.2} ms  {:>7.2} ms  {of_one:>12.1} µs", median * 1e3, best * 1e3);
}

/// The first run warms up and does not count.
fn sorted(work: impl Fn()) -> Vec<Duration> {
    let timed = |_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    let mut times: Vec<Duration> = (0..=RUNS).map(timed).skip(1).collect();
    times.sort_unstable();
    times
}

/// Every tenth resource gets other metadata and another property.
fn changed(template: &Value) -> Value {
    let mut template = template.clone();
    let resources = template["Resources"].as_object_mut().expect("a template has resources");
    for resource in resources.values_mut().step_by(10) {
        resource["Properties"]["Tags"] = json!([{"Key": "changed", "Value": "yes"}]);
    }
    template
}
