//! A function whose speed depends on its memory.

use std::collections::VecDeque;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::package::Architecture;
use pipectl_engine::tune::port::{Configuration, Invocation, Tuning, Update};

use crate::Journal;
use crate::shared::Shared;

/// One function: it needs `work / MB` milliseconds, and starts anew after each update. Clones share it.
#[derive(Debug, Clone)]
pub struct FakeTuning {
    journal: Journal,
    function: Shared<Function>,
}

#[derive(Debug)]
struct Function {
    megabytes: u32,
    /// Looks until the update is in force.
    updating: u32,
    delay: u32,
    failing_updates: VecDeque<String>,
    failed: Option<String>,
    is_cold: bool,
    work: f64,
    needs: u32,
    is_silent: bool,
    sizes: Vec<u32>,
}

impl FakeTuning {
    /// Makes a function of this memory size, MB, that has 12,800 MB-milliseconds of work to do and needs
    /// 20 MB.
    #[must_use]
    pub fn new(journal: Journal, megabytes: u32) -> Self {
        let function = Function {
            megabytes,
            updating: 0,
            delay: 0,
            failing_updates: VecDeque::new(),
            failed: None,
            is_cold: true,
            work: 12_800.0,
            needs: 20,
            is_silent: false,
            sizes: Vec::new(),
        };
        Self { journal, function: Shared::new(function) }
    }

    /// Lets each update take this number of looks.
    pub fn update_slowly(&self, looks: u32) {
        self.function.lock().delay = looks;
    }

    /// Lets the next update fail with this reason.
    pub fn fail_update(&self, reason: &str) {
        self.function.lock().failing_updates.push_back(reason.to_owned());
    }

    /// Lets the function need this much memory, MB; it is killed where it has less.
    pub fn need(&self, megabytes: u32) {
        self.function.lock().needs = megabytes;
    }

    /// Leaves the `REPORT` line out of the logs.
    pub fn report_nothing(&self) {
        self.function.lock().is_silent = true;
    }

    /// Returns the memory size, MB.
    #[must_use]
    pub fn megabytes(&self) -> u32 {
        self.function.lock().megabytes
    }

    /// Lists the memory sizes at which it was invoked, MB, in order, each once.
    #[must_use]
    pub fn sizes(&self) -> Vec<u32> {
        let mut sizes = self.function.lock().sizes.clone();
        sizes.dedup();
        sizes
    }
}

impl Function {
    fn configuration(&mut self) -> Configuration {
        let update = match (self.updating.checked_sub(1), &self.failed) {
            (Some(left), _) => {
                self.updating = left;
                Update::Running
            }
            (None, Some(reason)) => Update::Failed(reason.clone()),
            (None, None) => Update::Settled,
        };
        Configuration { megabytes: self.megabytes, architecture: Architecture::Arm64, update }
    }

    fn resize(&mut self, megabytes: u32) {
        self.failed = self.failing_updates.pop_front();
        if self.failed.is_none() {
            self.megabytes = megabytes;
            self.updating = self.delay;
            self.is_cold = true;
        }
    }

    fn invoke(&mut self) -> Invocation {
        self.sizes.push(self.megabytes);
        if self.megabytes < self.needs {
            let error = "Runtime exited with error: signal: killed".to_owned();
            return Invocation { error: Some(error), log: String::new() };
        }
        let init = if std::mem::take(&mut self.is_cold) { "Init Duration: 50.00 ms\t" } else { "" };
        let duration = self.work / f64::from(self.megabytes);
        let report = format!(
            "REPORT RequestId: 1\tDuration: {duration:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: {} MB\t\
             Max Memory Used: {} MB\t{init}\n",
            duration.ceil(),
            self.megabytes,
            self.needs
        );
        Invocation { error: None, log: if self.is_silent { String::new() } else { report } }
    }
}

impl Tuning for FakeTuning {
    async fn configuration(&self, _function: &str) -> Result<Configuration, AwsError> {
        let look = || Ok(self.function.lock().configuration());
        self.journal.call("Lambda", "GetFunctionConfiguration", look)
    }

    async fn set_memory_size(&self, _function: &str, megabytes: u32) -> Result<(), AwsError> {
        let resize = || {
            self.function.lock().resize(megabytes);
            Ok(())
        };
        self.journal.call("Lambda", "UpdateFunctionConfiguration", resize)
    }

    async fn invoke(&self, _function: &str, _event: &[u8]) -> Result<Invocation, AwsError> {
        self.journal.call("Lambda", "Invoke", || Ok(self.function.lock().invoke()))
    }
}
