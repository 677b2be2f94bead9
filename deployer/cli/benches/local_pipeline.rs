//! The ingest example on the local engine, end to end: `cargo bench -p pipectl --bench local_pipeline`,
//! with other numbers by `-- --records 20000 --seconds 5 --clients 8`.
//!
//! Puts one file of records and waits for the last item, then asks the API for one record again and
//! again. Prints how many of each in a second, and whose CPU time went into it: the engine's, or that of
//! a function's processes. The engine is one Python process that computes on one core at a time, so the
//! rate can be no higher than the inverse of its share. What it spends the time on is seen with
//! `py-spy record --gil --nonblocking --pid PID` (without `--nonblocking`, it is stopped for each sample,
//! and all it does takes longer); the PID is printed. Linux only: the times are read from `/proc`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use support::Sandbox;
use support::engine::Engine;
use support::ingest::write_spec;
use support::stack::Stack;

/// Clock ticks in a second, in which `/proc` counts CPU time; 100 on all of Linux's usual platforms.
const TICKS: u64 = 100;

fn main() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, |spec| spec);
    let stack = Stack::up(&sandbox, &[]);
    println!("engine: process {}", stack.engine.pid);
    // The API first: it is asked for one record of a table that is all but empty.
    file(&stack, 10);
    api(&stack, argument("--clients", 4), Duration::from_secs(argument("--seconds", 10)));
    file(&stack, argument("--records", 100_000));
}

/// Returns the number that follows a flag.
fn argument(flag: &str, default: u64) -> u64 {
    let mut arguments = std::env::args().skip_while(|argument| argument != flag).skip(1);
    arguments.next().map_or(default, |number| number.parse().expect("a number"))
}

/// Puts a file and waits until each of its records is an item.
fn file(stack: &Stack, records: u64) {
    let before = items(stack);
    let mut body = String::new();
    for number in 0..records {
        writeln!(body, "{{\"sku\":\"A-{number}\",\"price\":\"9.50\",\"of\":{records}}}").expect("memory");
    }
    let cpu = Cpu::of(&stack.engine);
    let began = Instant::now();
    let key = format!("{records}.jsonl");
    stack.engine.put_object(stack.output("UploadsBucketName"), &key, body.as_bytes());
    while items(stack) < before + records {
        std::thread::sleep(Duration::from_millis(200));
    }
    report(&format!("file of {records}"), "records", records, began.elapsed(), &cpu.until_now(&stack.engine));
}

fn items(stack: &Stack) -> u64 {
    let table = json!({"TableName": stack.output("RecordsTableName")});
    let found = stack.engine.call("DynamoDB_20120810.DescribeTable", &table);
    found["Table"]["ItemCount"].as_u64().expect("a count")
}

/// Asks the API from several connections at once.
fn api(stack: &Stack, clients: u64, duration: Duration) {
    let url = stack.output("RecordsApiUrl").strip_prefix("http://").expect("plain HTTP");
    let (address, base) = url.split_once('/').expect("a path");
    let request = format!("GET /{base}/records?limit=1 HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let cpu = Cpu::of(&stack.engine);
    let began = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..clients).map(|_| scope.spawn(|| client(address, &request, began + duration))).collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client ends")).collect()
    });
    let (elapsed, cpu) = (began.elapsed(), cpu.until_now(&stack.engine));
    times.sort_unstable();
    let count = u64::try_from(times.len()).expect("a count");
    report(&format!("API, {clients} clients"), "requests", count, elapsed, &cpu);
    let at = |hundredth: usize| times[(times.len() - 1) * hundredth / 100].as_secs_f64() * 1000.0;
    println!("  p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
}

/// Sends the same request until a point in time; how long each answer took.
fn client(address: &str, request: &str, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut times = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        stream.write_all(request.as_bytes()).expect("a request");
        answer(&mut reader);
        times.push(began.elapsed());
    }
    times
}

/// Reads an answer, which must be good.
fn answer(reader: &mut BufReader<TcpStream>) {
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    let mut length = 0;
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("headers");
        let header = line.to_ascii_lowercase();
        if let Some(number) = header.strip_prefix("content-length:") {
            length = number.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
}

fn report(what: &str, unit: &str, count: u64, elapsed: Duration, cpu: &Cpu) {
    let number = f64::from(u32::try_from(count).expect("a small number"));
    let seconds = elapsed.as_secs_f64();
    println!("{what}: {:.0} {unit}/s ({seconds:.1} s)", number / seconds);
    for (name, ticks) in cpu.0.iter().filter(|(_, ticks)| **ticks > 0) {
        let used = f64::from(u32::try_from(*ticks * 1000 / TICKS).expect("a short run")) / 1000.0;
        println!("  {name:<16} {used:>6.1} s of CPU, {:>6.0} us each", used * 1e6 / number);
    }
}

/// CPU time in ticks: of the engine, and of the functions' processes, by name.
struct Cpu(BTreeMap<String, u64>);

impl Cpu {
    fn of(engine: &Engine) -> Self {
        let mut all =
            BTreeMap::from([("engine".to_owned(), ticks(engine.pid).map_or(0, |(_, ticks)| ticks))]);
        for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            if let Some((_, ticks)) = ticks(pid).filter(|(parent, _)| *parent == engine.pid) {
                *all.entry(function(pid)).or_default() += ticks;
            }
        }
        Self(all)
    }

    /// Returns what was used since.
    fn until_now(&self, engine: &Engine) -> Self {
        let now = Self::of(engine).0.into_iter();
        let since = |name: &str, ticks: u64| ticks.saturating_sub(self.0.get(name).copied().unwrap_or(0));
        Self(now.map(|(name, ticks)| (name.clone(), since(&name, ticks))).collect())
    }
}

/// Reads a process's parent and its ticks.
fn ticks(pid: u64) -> Option<(u64, u64)> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = line.rsplit_once(") ")?.1.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some((number(1)?, number(11)? + number(12)?))
}

/// Returns the name of the function that a process runs, without what CloudFormation has put around it.
fn function(pid: u64) -> String {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let text = String::from_utf8_lossy(&environment).into_owned();
    let name = text.split('\0').find_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="));
    let logical_id = name.and_then(|name| name.split('-').nth(1)).unwrap_or("other");
    logical_id.trim_end_matches("Function").to_owned()
}
