//! Puts artifacts into the bucket, each at most once.

use std::collections::BTreeSet;

use super::Ports;
use super::watch::is_passing;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, Content, ObjectStore};

/// One object to be there.
pub(super) struct Upload {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) bytes: u64,
    pub(super) content: Content,
}

/// Uploads what is not there yet, all at once. A bucket that has vanished is made again.
pub(super) async fn upload<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    uploads: Vec<Upload>,
) -> Result<(), AwsError> {
    let results = futures_util::future::join_all(uploads.into_iter().map(|upload| one(ports, upload))).await;
    results.into_iter().collect()
}

async fn one<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    upload: Upload,
) -> Result<(), AwsError> {
    let Upload { bucket, key, bytes, content } = upload;
    if keys(ports, &bucket, &key).await?.contains(&key) {
        ports.emit(EventKind::UploadSkipped { key });
        return Ok(());
    }
    match ports.store.put(&bucket, &key, content.clone()).await {
        Err(error) if error.code == AwsErrorCode::NotFound => {
            ensure_bucket(ports, &bucket).await?;
            ports.store.put(&bucket, &key, content).await?;
        }
        Err(error) if is_passing(&error) && is_there(ports, &bucket, &key).await => {}
        answer => answer?,
    }
    ports.emit(EventKind::Uploaded { key, bytes });
    Ok(())
}

/// True when the upload whose answer did not come was heard: the key names the content by its digest.
async fn is_there<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    bucket: &str,
    key: &str,
) -> bool {
    ports.store.keys(bucket, key).await.is_ok_and(|keys| keys.contains(key))
}

async fn keys<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    bucket: &str,
    key: &str,
) -> Result<BTreeSet<String>, AwsError> {
    match ports.store.keys(bucket, key).await {
        Err(error) if error.code == AwsErrorCode::NotFound => {
            ensure_bucket(ports, bucket).await?;
            Ok(BTreeSet::new())
        }
        answer => answer,
    }
}

/// Makes the artifact bucket if it is missing.
pub(super) async fn ensure_bucket<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    bucket: &str,
) -> Result<(), AwsError> {
    if ports.store.ensure_artifact_bucket(bucket).await? {
        ports.emit(EventKind::ArtifactBucketCreated { bucket: bucket.to_owned() });
    }
    Ok(())
}
