//! What is measured of one function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use crate::environment::{ColdStart, ExecutionEnvironment, Setting};
use crate::program;
use crate::quota::Means;
use crate::stand_in::{Behaviour, ObjectShape};
use crate::statistics::{Times, milliseconds};
use crate::subject::{BATCH, OBJECT_EXTRACT, Subject};

/// Warm invocations that do not count.
const WARM_UP: usize = 20;

/// Calls at the same time; what the functions do by default.
const IN_FLIGHT: u64 = 16;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Cold starts of each program.
    pub(crate) cold_starts: usize,
    /// Warm invocations.
    pub(crate) invocations: usize,
    /// Repetitions of each measurement of processor time; the smallest counts.
    pub(crate) repetitions: usize,
    /// Object by which object-extract's processor time is measured.
    pub(crate) work_object: ObjectShape,
    /// Object by which object-extract's memory is measured.
    pub(crate) large_object: ObjectShape,
    /// Latency of S3 and SQS meanwhile.
    pub(crate) latency: Duration,
}

/// What was measured of a function with one memory size.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    pub(crate) function: &'static str,
    /// In MB; none without a limit.
    pub(crate) memory: Option<u32>,
    pub(crate) zip_bytes: u64,
    pub(crate) cold: ColdFigures,
    pub(crate) warm: WarmFigures,
    pub(crate) work: Option<WorkFigures>,
    pub(crate) object: Option<ObjectFigures>,
}

/// Cold starts, in milliseconds; medians.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ColdFigures {
    pub(crate) init_ms: f64,
    pub(crate) response_ms: f64,
    /// Of the program with the same clients that answers at once.
    pub(crate) empty_init_ms: f64,
    /// Of that program.
    pub(crate) empty_response_ms: f64,
    /// Of that program when it makes the same calls.
    pub(crate) calling_response_ms: f64,
    /// Processor time up to the response, which depends less on what else the machine does.
    pub(crate) processor_ms: f64,
    pub(crate) empty_processor_ms: f64,
    pub(crate) calling_processor_ms: f64,
}

/// Invocations of a warm function.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WarmFigures {
    pub(crate) invocations: usize,
    pub(crate) mean_ms: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) peak_memory_bytes: u64,
    /// Opened by all invocations together.
    pub(crate) connections: u64,
    /// Calls of each operation.
    pub(crate) calls: BTreeMap<String, u64>,
}

/// Processor time, in microseconds a message.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct WorkFigures {
    pub(crate) messages: u64,
    pub(crate) function_us: f64,
    /// Of the same calls with nothing around them.
    pub(crate) calls_us: f64,
}

/// One large object.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ObjectFigures {
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    pub(crate) seconds: f64,
    pub(crate) peak_memory_bytes: u64,
    /// Batches under way together.
    pub(crate) batches_in_flight: u64,
}

/// A function and the program it is compared with.
pub(crate) struct Bench<'run> {
    pub(crate) subject: &'run Subject,
    pub(crate) function: PathBuf,
    pub(crate) baseline: PathBuf,
    pub(crate) share: Option<(Means, u32)>,
    pub(crate) effort: Effort,
}

impl Bench<'_> {
    pub(crate) fn figures(&self) -> anyhow::Result<Figures> {
        let is_unlimited = self.share.is_none();
        let calling = self.order(&self.sample()?, self.subject.calls);
        Ok(Figures {
            function: self.subject.name,
            memory: self.share.map(|(_, memory)| memory),
            zip_bytes: program::zip_bytes(&self.function)?,
            cold: self.cold(&calling)?,
            warm: self.warm()?,
            work: if is_unlimited { Some(self.work(&calling)?) } else { None },
            object: if is_unlimited && self.subject.name == OBJECT_EXTRACT {
                Some(self.object()?)
            } else {
                None
            },
        })
    }

    fn function(&self, behaviour: Behaviour) -> Setting<'_> {
        Setting { program: &self.function, variables: self.subject.environment, behaviour, share: self.share }
    }

    fn baseline(&self, behaviour: Behaviour) -> Setting<'_> {
        Setting { program: &self.baseline, variables: &[], behaviour, share: self.share }
    }

    fn event(&self, number: usize) -> Value {
        (self.subject.event)(number)
    }

    /// A request of the function, for the baseline to repeat.
    fn sample(&self) -> anyhow::Result<Value> {
        let function = Setting { share: None, ..self.function(Behaviour::default()) };
        let (mut environment, _) = ExecutionEnvironment::start(&function, &self.event(0))?;
        // Enough of them for every kind of event.
        for number in 1..4 {
            environment.invoke(&self.event(number))?;
        }
        let counts = environment.counts();
        let calls = counts.operations.get(self.subject.operation);
        let calls = calls
            .with_context(|| format!("{} never called {}", self.subject.name, self.subject.operation))?;
        // A form is no JSON; the baseline of such a service needs no sample.
        Ok(serde_json::from_slice(&calls.sample).unwrap_or_default())
    }

    fn order(&self, sample: &Value, calls: u64) -> Value {
        json!({
            "sample": sample,
            "calls": calls,
            "in_flight": IN_FLIGHT,
            "reads_object": self.subject.reads_object,
        })
    }

    /// The three programs in turn, so that what else the machine does meets all of them.
    fn cold(&self, calling: &Value) -> anyhow::Result<ColdFigures> {
        let (function, baseline) = (self.function(Behaviour::default()), self.baseline(Behaviour::default()));
        let mut starts = [const { Vec::new() }; 3];
        for number in 0..self.effort.cold_starts {
            let event = self.event(number);
            for (starts, (setting, event)) in
                starts.iter_mut().zip([(&function, &event), (&baseline, &json!({})), (&baseline, calling)])
            {
                let (_, cold_start) = ExecutionEnvironment::start(setting, event)?;
                starts.push(cold_start);
            }
        }
        let median = |starts: &[ColdStart], time: fn(&ColdStart) -> Duration| {
            let times = Times::new(starts.iter().map(time).collect()).context("no cold starts to measure")?;
            anyhow::Ok(milliseconds(times.percentile(50)))
        };
        let [own, empty, calling] = &starts;
        Ok(ColdFigures {
            init_ms: median(own, |start| start.init)?,
            response_ms: median(own, |start| start.response)?,
            empty_init_ms: median(empty, |start| start.init)?,
            empty_response_ms: median(empty, |start| start.response)?,
            calling_response_ms: median(calling, |start| start.response)?,
            processor_ms: median(own, |start| start.processor_time)?,
            empty_processor_ms: median(empty, |start| start.processor_time)?,
            calling_processor_ms: median(calling, |start| start.processor_time)?,
        })
    }

    fn warm(&self) -> anyhow::Result<WarmFigures> {
        let (mut environment, _) =
            ExecutionEnvironment::start(&self.function(Behaviour::default()), &self.event(0))?;
        let mut times = Vec::new();
        for number in 1..WARM_UP + self.effort.invocations {
            let time = environment.invoke(&self.event(number))?;
            if number >= WARM_UP {
                times.push(time);
            }
        }
        let times = Times::new(times).context("no invocations to measure")?;
        let counts = environment.counts();
        Ok(WarmFigures {
            invocations: WARM_UP + self.effort.invocations,
            mean_ms: milliseconds(times.mean()),
            p50_ms: milliseconds(times.percentile(50)),
            p99_ms: milliseconds(times.percentile(99)),
            peak_memory_bytes: environment.peak_memory()?,
            connections: counts.connections,
            calls: counts.operations.into_iter().map(|(name, counts)| (name, counts.calls)).collect(),
        })
    }

    fn work(&self, calling: &Value) -> anyhow::Result<WorkFigures> {
        let rounds = self.rounds();
        let (mut function, mut calls) = (Vec::new(), Vec::new());
        for _ in 0..self.effort.repetitions {
            let events = (1..=rounds.events).map(|number| self.event(number));
            let work = Behaviour { object: rounds.object, ..Behaviour::default() };
            function.push(processor_time(&self.function(work), &self.event(0), events)?);
            let order = self.order(&Value::Null, rounds.calls);
            let orders = std::iter::repeat_n(order, rounds.events);
            calls.push(processor_time(&self.baseline(work), calling, orders)?);
        }
        let per_message = |times: Vec<Duration>| {
            let least = times.into_iter().min().unwrap_or_default();
            least.as_secs_f64() * 1e6 / rounds.messages as f64
        };
        Ok(WorkFigures {
            messages: rounds.messages,
            function_us: per_message(function),
            calls_us: per_message(calls),
        })
    }

    /// Many small events, or one large object.
    fn rounds(&self) -> Rounds {
        let Effort { invocations, work_object, .. } = self.effort;
        let subject = self.subject;
        if subject.reads_object {
            let calls = work_object.records.div_ceil(BATCH);
            Rounds { events: 1, calls, messages: work_object.records, object: work_object }
        } else {
            let messages = subject.messages * invocations as u64;
            Rounds { events: invocations, calls: subject.calls, messages, object: ObjectShape::default() }
        }
    }

    fn object(&self) -> anyhow::Result<ObjectFigures> {
        let Effort { large_object: object, latency, .. } = self.effort;
        let large = self.function(Behaviour { object, latency });
        let (environment, cold_start) = ExecutionEnvironment::start(&large, &self.event(0))?;
        let counts = environment.counts();
        let sends = counts.operations.get(self.subject.operation);
        Ok(ObjectFigures {
            bytes: object.bytes(),
            records: object.records,
            seconds: cold_start.response.as_secs_f64(),
            peak_memory_bytes: environment.peak_memory()?,
            batches_in_flight: sends.map_or(0, |sends| sends.most_under_way),
        })
    }
}

/// The work of one measurement.
struct Rounds {
    events: usize,
    /// Of the operation, for each event.
    calls: u64,
    /// Of all events.
    messages: u64,
    object: ObjectShape,
}

/// What `events` take once `first` is done.
fn processor_time(
    setting: &Setting<'_>,
    first: &Value,
    events: impl Iterator<Item = Value>,
) -> anyhow::Result<Duration> {
    let (mut environment, _) = ExecutionEnvironment::start(setting, first)?;
    let before = environment.processor_time()?;
    for event in events {
        environment.invoke(&event)?;
    }
    Ok(environment.processor_time()? - before)
}

/// Where a program lies among those that were built.
pub(crate) fn program_of(programs: &BTreeMap<String, PathBuf>, name: &str) -> anyhow::Result<PathBuf> {
    let path = programs.get(name).with_context(|| format!("there is no program {name}"))?;
    anyhow::ensure!(Path::exists(path), "{} does not exist", path.display());
    Ok(path.clone())
}
