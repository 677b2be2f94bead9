//! Lambda as far as code is concerned.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::code_only::port::{CodeUpdate, FunctionCode, RunningCode};
use pipectl_engine::package::digest_of;
use pipectl_engine::port::{Clock as _, Functions};
use pipectl_engine::ready::port::Standing;

use crate::clock::millis;
use crate::refusal::Refusal;
use crate::{FakeClock, Journal};

/// Functions and the code they run.
///
/// - A function is there once it was [deployed](Self::deploy), as CloudFormation would.
/// - An update takes [`UPDATE`](Self::UPDATE); until then the function stands `NotYet`, and another
///   update is refused with `OperationInProgress`, as is one for an old revision.
/// - The digest is the one in the package's key; a key without one is refused with `Invalid`.
#[derive(Debug, Default)]
pub struct FakeFunctionCode {
    journal: Journal,
    clock: FakeClock,
    functions: RefCell<BTreeMap<String, Function>>,
}

#[derive(Debug, Clone)]
struct Function {
    sha256: String,
    revision: u64,
    settles_at_ms: i64,
    fails: Option<String>,
}

impl FakeFunctionCode {
    /// Time that an update takes.
    pub const UPDATE: Duration = Duration::from_secs(2);

    /// Makes the functions of an account with this journal and clock.
    #[must_use]
    pub fn new(journal: Journal, clock: FakeClock) -> Self {
        Self { journal, clock, functions: RefCell::default() }
    }

    /// Gives a function the package under a key, or makes it with that.
    pub fn deploy(&self, function: &str, key: &str) {
        let sha256 = digest_of(key).unwrap_or(key).to_owned();
        let mut functions = self.functions.borrow_mut();
        let revision = functions.get(function).map_or(0, |it| it.revision + 1);
        let deployed = Function { sha256, revision, settles_at_ms: 0, fails: None };
        functions.insert(function.to_owned(), deployed);
    }

    /// Makes every update of a function fail with this reason.
    pub fn fail(&self, function: &str, reason: &str) {
        if let Some(function) = self.functions.borrow_mut().get_mut(function) {
            function.fails = Some(reason.to_owned());
        }
    }

    /// Keeps a function busy with somebody else's update for a time.
    pub fn occupy(&self, function: &str, duration: Duration) {
        if let Some(function) = self.functions.borrow_mut().get_mut(function) {
            function.settles_at_ms = self.clock.now_ms() + millis(duration);
        }
    }

    /// Returns the digest of the code that a function runs.
    #[must_use]
    pub fn sha256(&self, function: &str) -> Option<String> {
        self.functions.borrow().get(function).map(|function| function.sha256.clone())
    }

    fn read(&self, function: &Function) -> RunningCode {
        let standing = match &function.fails {
            _ if self.clock.now_ms() < function.settles_at_ms => Standing::NotYet("InProgress".to_owned()),
            Some(reason) if function.settles_at_ms > 0 => Standing::Failed(reason.clone()),
            _ => Standing::Ready,
        };
        RunningCode {
            sha256: function.sha256.clone(),
            revision: Some(function.revision.to_string()),
            standing,
        }
    }

    fn give(&self, update: &CodeUpdate<'_>) -> Result<RunningCode, Refusal> {
        let mut functions = self.functions.borrow_mut();
        let missing = || Refusal::new(AwsErrorCode::NotFound, "there is no such function");
        let function = functions.get_mut(update.function).ok_or_else(missing)?;
        let is_busy = self.clock.now_ms() < function.settles_at_ms;
        let is_old = update.revision.is_some_and(|revision| revision != function.revision.to_string());
        if is_busy || is_old {
            return Err(Refusal::new(AwsErrorCode::OperationInProgress, "an update is in progress"));
        }
        let no_package = || Refusal::new(AwsErrorCode::Invalid, "there is no such package");
        function.sha256 = digest_of(update.key).ok_or_else(no_package)?.to_owned();
        function.revision += 1;
        function.settles_at_ms = self.clock.now_ms() + millis(Self::UPDATE);
        let function = function.clone();
        Ok(self.read(&function))
    }
}

impl Functions for FakeFunctionCode {
    async fn running(&self, function: &str) -> Result<Option<RunningCode>, AwsError> {
        self.journal
            .answer("Lambda", "GetFunctionConfiguration", || {
                Ok(self.functions.borrow().get(function).map(|function| self.read(function)))
            })
            .await
    }
}

impl FunctionCode for FakeFunctionCode {
    async fn update_code(&self, update: &CodeUpdate<'_>) -> Result<RunningCode, AwsError> {
        self.journal.answer("Lambda", "UpdateFunctionCode", || self.give(update)).await
    }
}
