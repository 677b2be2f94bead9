//! Lambda, as far as it is asked what a function runs.

use std::collections::BTreeMap;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::code_only::port::RunningCode;
use pipectl_engine::port::Functions;
use pipectl_engine::ready::port::Standing;

use crate::Journal;
use crate::refusal::Refusal;
use crate::shared::Shared;

/// The functions whose code a test has set. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct FakeFunctions {
    journal: Journal,
    digests: Shared<BTreeMap<String, String>>,
    is_forbidden: Shared<bool>,
}

impl FakeFunctions {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, ..Self::default() }
    }

    /// Sets the package that a function runs, by physical ID, as somebody's direct update does.
    pub fn run(&self, function: &str, sha256: &str) {
        self.digests.lock().insert(function.to_owned(), sha256.to_owned());
    }

    /// Takes the caller's permission to read functions.
    pub fn forbid(&self) {
        *self.is_forbidden.lock() = true;
    }
}

impl Functions for FakeFunctions {
    async fn running(&self, function: &str) -> Result<Option<RunningCode>, AwsError> {
        self.journal
            .answer("Lambda", "GetFunctionConfiguration", || {
                if *self.is_forbidden.lock() {
                    let sentence = "not authorized to perform: lambda:GetFunctionConfiguration";
                    return Err(Refusal::new(AwsErrorCode::AccessDenied, sentence));
                }
                let digest = self.digests.lock().get(function).cloned();
                Ok(digest.map(|sha256| RunningCode { sha256, revision: None, standing: Standing::Ready }))
            })
            .await
    }
}
