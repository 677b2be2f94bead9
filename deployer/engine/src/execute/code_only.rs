//! Gives functions other code directly, and remembers it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::join::settle;
use super::packaging::{by_parameter, package};
use super::upload::{Upload, upload};
use super::watch::is_passing;
use super::{Inputs, Ports};
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::code_only::port::{CodeUpdate, FunctionCode, RunningCode};
use crate::code_only::record::{self, Records};
use crate::code_only::{Decision, Target, decide};
use crate::deployed::DeployedStack;
use crate::diff::ARTIFACT_BUCKET;
use crate::event::{EventKind, Operation};
use crate::outcome::Outcome;
use crate::package::{FunctionCrate, Package};
use crate::plan::{Artifacts, Deployed};
use crate::port::{Clock, CloudFormation, Content, ObjectStore, Packager};
use crate::ready::port::Standing;

/// Wait between two looks at a function that takes new code; Lambda needs a second or two.
const PAUSE: Duration = Duration::from_millis(250);

/// Time that an update of one function may take.
const PATIENCE_MS: i64 = 5 * 60 * 1_000;

/// Why code could not be updated directly.
#[derive(Debug, thiserror::Error)]
pub enum CodeOnlyError {
    /// A call to AWS failed.
    #[error("the update of the code of `{stack}` was interrupted while {during}")]
    Aws {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
    /// A function could not be built or packed.
    #[error("the functions could not be packaged")]
    Packaging(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A function of the stack is not in the account.
    #[error("function {logical_id} of stack `{stack}` is gone")]
    Gone {
        /// Stack name.
        stack: String,
        /// Logical ID of the function.
        logical_id: String,
    },
    /// Lambda could not put the code to work.
    #[error("function {logical_id} does not take the new code: {reason}")]
    Refused {
        /// Logical ID of the function.
        logical_id: String,
        /// AWS's reason.
        reason: String,
    },
}

/// What became of an update of code alone.
pub(super) enum Done {
    /// It is done.
    Directly(Outcome),
    /// Nothing was changed, because more than code differs.
    Nothing {
        /// What was built.
        packages: Vec<(FunctionCrate, Package)>,
        /// What differs.
        because: Vec<String>,
    },
}

/// Updates the code of a stack's functions if nothing else differs.
pub(super) async fn code_only<C, S, T, P, F>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    functions: &F,
    inputs: &Inputs,
) -> Result<Done, CodeOnlyError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    P: Packager,
    F: FunctionCode,
{
    let stack = &inputs.wanted.stack;
    let aws = failed(stack);
    ports.emit(EventKind::Started { operation: Operation::Up, stack: stack.clone() });
    let found = settle(ports, stack).await.map_err(|source| aws("reading the stack", source))?;
    let bucket = found.as_ref().and_then(|found| found.parameters.get(ARTIFACT_BUCKET)).cloned();
    let (Some(found), Some(bucket)) = (found.filter(|it| it.status.is_updatable()), bucket) else {
        let because = vec!["the stack is not deployed".to_owned()];
        return Ok(Done::Nothing { packages: Vec::new(), because });
    };
    let (template, records) =
        futures_util::future::join(ports.template(&found.name), records(ports, &bucket, &found)).await;
    let template = template.map_err(|source| aws("reading the deployed template", source))?;
    let records = records.map_err(|source| aws("reading what was updated directly", source))?;
    let (crates, wanted) = (&inputs.functions, &inputs.wanted.template);
    let packages = package(ports, packager, crates, wanted, Some(&found.parameters)).await;
    let packages = packages.map_err(|error| CodeOnlyError::Packaging(Box::new(error)))?;
    let artifacts = Artifacts { bucket, packages: by_parameter(crates, packages.clone(), wanted) };
    let packages = crates.values().cloned().zip(packages).collect();
    let deployed = Deployed { stack: found, template };
    match decide(&inputs.wanted, &deployed, &artifacts, &records) {
        Decision::More(because) => Ok(Done::Nothing { packages, because }),
        Decision::Update(targets) => {
            let direct = DirectUpdate { ports, functions, stack: &deployed.stack, bucket: &artifacts.bucket };
            let updated = direct.bring(&targets, &records).await?;
            let outputs = deployed.stack.outputs;
            Ok(Done::Directly(match updated {
                0 => Outcome::Unchanged { outputs },
                _ => Outcome::Updated { outputs },
            }))
        }
    }
}

fn failed(stack: &str) -> impl Fn(&'static str, AwsError) -> CodeOnlyError {
    let stack = stack.to_owned();
    move |during, source| CodeOnlyError::Aws { stack: stack.clone(), during, source }
}

/// Reads the records of direct updates; a bucket that is gone holds none.
pub(super) async fn records<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    bucket: &str,
    stack: &DeployedStack,
) -> Result<Records, AwsError> {
    match ports.store.keys(bucket, &record::prefix(&stack.name)).await {
        Ok(keys) => Ok(Records::read(&stack.name, &stack.id, &keys)),
        Err(error) if error.code == AwsErrorCode::NotFound => Ok(Records::default()),
        Err(error) => Err(error),
    }
}

/// Brings the functions of one stack to other code.
pub(super) struct DirectUpdate<'a, C, S, T, F> {
    pub(super) ports: &'a Ports<'a, C, S, T>,
    pub(super) functions: &'a F,
    pub(super) stack: &'a DeployedStack,
    pub(super) bucket: &'a str,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock, F: FunctionCode> DirectUpdate<'_, C, S, T, F> {
    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> CodeOnlyError {
        let failed = failed(&self.stack.name);
        move |source| failed(during, source)
    }

    /// Updates what runs other code, and returns how many functions that were. Records are written
    /// before and tidied up after, so that a run that is stopped in between can be run again.
    pub(super) async fn bring(&self, targets: &[Target], records: &Records) -> Result<usize, CodeOnlyError> {
        if targets.is_empty() {
            return Ok(0);
        }
        let resources = self.ports.cloudformation.resources(&self.stack.id).await;
        let resources = resources.map_err(self.aws("listing the functions"))?;
        let names: BTreeMap<String, String> =
            resources.into_iter().filter_map(|it| Some((it.logical_id, it.physical_id?))).collect();
        // What has a record was uploaded before that was written.
        let is_new = |target: &&Target| !target.as_deployed && !is_recorded(target, records);
        let uploads = targets.iter().filter(is_new).filter_map(|target| {
            let package = target.package.clone()?;
            let (key, bytes) = (target.key.clone(), package.bytes);
            Some(Upload { bucket: self.bucket.to_owned(), key, bytes, content: Content::File(package.path) })
        });
        upload(self.ports, uploads.collect()).await.map_err(self.aws("uploading"))?;
        self.write(targets, records, &names).await?;
        let updates = targets.iter().map(|target| self.update(target, names.get(&target.logical_id)));
        let mut updated = 0;
        for result in futures_util::future::join_all(updates).await {
            updated += usize::from(result?);
        }
        self.tidy(targets, records).await?;
        Ok(updated)
    }

    async fn write(
        &self,
        targets: &[Target],
        records: &Records,
        names: &BTreeMap<String, String>,
    ) -> Result<(), CodeOnlyError> {
        let is_new = |target: &&Target| !target.as_deployed && !is_recorded(target, records);
        let writes = targets.iter().filter(is_new).map(|target| {
            let record = json!({
                "function": names.get(&target.logical_id),
                "key": target.key,
                "at_ms": self.ports.clock.now_ms(),
            });
            let key = self.record_key(&target.logical_id, &target.sha256);
            let content = Content::Bytes(record.to_string().into_bytes());
            async move { self.ports.store.put(self.bucket, &key, content).await.map(|_| ()) }
        });
        let written = futures_util::future::join_all(writes).await;
        written.into_iter().collect::<Result<(), _>>().map_err(self.aws("recording the update"))
    }

    /// Deletes the records that no longer hold.
    async fn tidy(&self, targets: &[Target], records: &Records) -> Result<(), CodeOnlyError> {
        let spent = targets.iter().flat_map(|target| {
            let known = records.by_function.get(&target.logical_id).into_iter().flatten();
            let spent = known.filter(|sha256| target.as_deployed || **sha256 != target.sha256);
            spent.map(|sha256| self.record_key(&target.logical_id, sha256))
        });
        let spent: Vec<String> = spent.chain(records.stale.iter().cloned()).collect();
        self.delete(&spent).await
    }

    pub(super) async fn delete(&self, keys: &[String]) -> Result<(), CodeOnlyError> {
        if keys.is_empty() {
            return Ok(());
        }
        self.ports.store.delete(self.bucket, keys).await.map_err(self.aws("clearing records of updates"))
    }

    fn record_key(&self, logical_id: &str, sha256: &str) -> String {
        record::key(&self.stack.name, &self.stack.id, logical_id, sha256)
    }

    /// Updates one function and waits until it works with the code; false when it does already.
    async fn update(&self, target: &Target, name: Option<&String>) -> Result<bool, CodeOnlyError> {
        let gone =
            || CodeOnlyError::Gone { stack: self.stack.name.clone(), logical_id: target.logical_id.clone() };
        let name = name.ok_or_else(gone)?;
        let give_up_ms = self.ports.clock.now_ms() + PATIENCE_MS;
        let mut updated = false;
        loop {
            let running = match self.functions.running(name).await {
                Err(error) if is_passing(&error) => None,
                answer => Some(answer.map_err(self.aws("reading a function"))?.ok_or_else(gone)?),
            };
            match running.map(|running| next(running, target)) {
                Some(Next::Done) => return Ok(self.say(target, name, updated)),
                Some(Next::Give { revision }) => {
                    self.give(target, name, revision.as_deref()).await?;
                    updated = true;
                }
                Some(Next::Failed(reason)) => {
                    return Err(CodeOnlyError::Refused { logical_id: target.logical_id.clone(), reason });
                }
                Some(Next::Wait) | None => {}
            }
            if self.ports.clock.now_ms() >= give_up_ms {
                let reason = "another update of it does not end".to_owned();
                return Err(CodeOnlyError::Refused { logical_id: target.logical_id.clone(), reason });
            }
            self.ports.clock.sleep(PAUSE).await;
        }
    }

    fn say(&self, target: &Target, name: &str, updated: bool) -> bool {
        if updated {
            self.ports.emit(EventKind::CodeUpdated {
                logical_id: target.logical_id.clone(),
                function: name.to_owned(),
                sha256: target.sha256.clone(),
                restored: target.package.is_none(),
            });
        }
        updated
    }

    /// Starts the update. When one is in the way, or no answer comes, the function tells what became of it: a
    /// repeated call meets the update that the first one began, and somebody else's is waited for.
    async fn give(
        &self,
        target: &Target,
        function: &str,
        revision: Option<&str>,
    ) -> Result<(), CodeOnlyError> {
        let update = CodeUpdate { function, bucket: self.bucket, key: &target.key, revision };
        match self.functions.update_code(&update).await {
            Ok(_) => Ok(()),
            Err(error) if error.code == AwsErrorCode::OperationInProgress || is_passing(&error) => Ok(()),
            Err(source) => Err(self.aws("updating a function")(source)),
        }
    }
}

fn is_recorded(target: &Target, records: &Records) -> bool {
    records.by_function.get(&target.logical_id).is_some_and(|known| known.contains(&target.sha256))
}

/// What a function needs next.
enum Next {
    Done,
    Wait,
    Give { revision: Option<String> },
    Failed(String),
}

fn next(running: RunningCode, target: &Target) -> Next {
    let has_it = running.sha256 == target.sha256;
    match running.standing {
        Standing::NotYet(_) => Next::Wait,
        Standing::Failed(reason) if has_it => Next::Failed(reason),
        Standing::Ready | Standing::Unseen(_) if has_it => Next::Done,
        _ => Next::Give { revision: running.revision },
    }
}
