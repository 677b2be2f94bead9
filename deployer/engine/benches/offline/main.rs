//! Time of render, check and offline diff inside the process, by size: `cargo bench -p pipectl-engine`.
//!
//! Prints the median and the best run, and of the best run the time of one resource, which stays the same
//! or falls where the work is linear; on a shared machine take the best. Numbers after `--` choose other
//! sizes, as `-- 100 5000`; beyond CloudFormation's limit of 500 only the foreign templates are taken.
//!
//! `render` reads a spec, checks it by every law and writes its template; `check` does the same with that
//! template as a foreign one; `diff` compares two templates that differ in every tenth resource. Of the
//! generated specs the two small ones hold plain tables, the others functions with all that belongs to
//! them. The last two verbs do the same with templates as another tool writes them, where every permission
//! and policy is a resource; there a diff replaces resources, too. `cargo bench -p pipectl --bench offline`
//! measures the same as whole processes.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

mod foreign;
mod generated;

use std::hint::black_box;
use std::time::{Duration, Instant};

use pipectl_engine::execute::preview_of_templates;
use pipectl_engine::template_file;
use serde_json::{Value, json};

const RUNS: usize = 15;

fn main() {
    // Cargo adds a `--bench` of its own.
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { generated::SIZES.to_vec() } else { given };
    println!("{:<15} {:>9} {:>13} {:>13} {:>16}", "verb", "resources", "median", "best", "of one, at best");
    let most = generated::SIZES[generated::SIZES.len() - 1];
    let specs = sizes.iter().filter(|size| **size <= most).map(|size| (*size, generated::spec(*size)));
    let ours: Vec<(usize, String, Value)> = specs
        .map(|(size, spec)| {
            let template = generated::template(&spec);
            (size, spec, template)
        })
        .collect();
    for (size, spec, _) in &ours {
        row("render", *size, || drop(black_box(generated::template(spec).to_string())));
    }
    for (size, _, template) in &ours {
        check("check", *size, template);
    }
    for (size, _, template) in &ours {
        diff("diff", *size, template, &changed(template));
    }
    for size in &sizes {
        check("check, foreign", *size, &foreign::template(*size, "old"));
    }
    for size in &sizes {
        diff("diff, foreign", *size, &foreign::template(*size, "old"), &foreign::template(*size, "new"));
    }
}

fn check(verb: &str, size: usize, template: &Value) {
    let text = template.to_string();
    row(verb, size, || drop(black_box(template_file::check(&text))));
}

fn diff(verb: &str, size: usize, before: &Value, after: &Value) {
    row(verb, size, || {
        drop(black_box(preview_of_templates("generated", before, after, &Default::default())))
    });
}

fn row(verb: &str, size: usize, work: impl Fn()) {
    let times = sorted(work);
    let (best, median) = (times[0].as_secs_f64(), times[RUNS / 2].as_secs_f64());
    let of_one = best * 1e6 / f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    println!("{verb:<15} {size:>9} {:>10.2} ms {:>10.2} ms {of_one:>13.1} µs", median * 1e3, best * 1e3);
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
