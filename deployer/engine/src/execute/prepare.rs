//! Walks the steps of a plan that change no resource: artifacts are put where CloudFormation finds
//! them, and the change set is made where one is asked for.

use super::upload::{Upload, ensure_bucket, upload};
use super::{Ports, change_set};
use crate::aws_error::AwsError;
use crate::change_set::{ChangeSet, ChangeSetRequest};
use crate::plan::Step;
use crate::port::{Clock, CloudFormation, Content, ObjectStore};
use crate::stack_update::StackUpdate;

/// What was being done when a call failed.
#[derive(Debug)]
pub(super) struct Interrupted {
    pub(super) during: &'static str,
    pub(super) source: AwsError,
}

impl Interrupted {
    pub(super) fn during(during: &'static str) -> impl Fn(AwsError) -> Self {
        move |source| Self { during, source }
    }
}

/// What is ready to be started.
pub(super) enum Prepared {
    /// A change set, described.
    ChangeSet(Box<(ChangeSetRequest, ChangeSet)>),
    /// An update that needs no change set.
    Update(StackUpdate),
}

/// Takes the steps up to the described change set. `None` when there is none to make. Deleting remains
/// and executing are left to the caller.
pub(super) async fn prepare<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    steps: Vec<Step>,
) -> Result<Option<Prepared>, Interrupted> {
    let mut uploads = Vec::new();
    for step in steps {
        match step {
            Step::EnsureArtifactBucket(bucket) => {
                let made = ensure_bucket(ports, &bucket).await;
                made.map_err(Interrupted::during("making the artifact bucket"))?;
            }
            Step::UploadPackage { bucket, package } => {
                let (key, bytes) = (package.key(), package.bytes);
                uploads.push(Upload { bucket, key, bytes, content: Content::File(package.path) });
            }
            Step::UploadTemplate { bucket, key, body } => {
                let bytes = body.len() as u64;
                uploads.push(Upload { bucket, key, bytes, content: Content::Bytes(body.into_bytes()) });
            }
            Step::CreateChangeSet(request) => {
                send(ports, uploads).await?;
                let made = change_set::prepare(ports, &request).await;
                let change_set = made.map_err(Interrupted::during("making the change set"))?;
                return Ok(Some(Prepared::ChangeSet(Box::new((request, change_set)))));
            }
            Step::UpdateStack(update) => {
                send(ports, uploads).await?;
                return Ok(Some(Prepared::Update(update)));
            }
            Step::DeleteRemains(_) | Step::ExecuteChangeSet => {}
        }
    }
    Ok(None)
}

async fn send<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    uploads: Vec<Upload>,
) -> Result<(), Interrupted> {
    upload(ports, uploads).await.map_err(Interrupted::during("uploading"))
}
