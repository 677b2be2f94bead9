//! Puts artifacts into the bucket, each at most once.

use super::Ports;
use super::watch::is_passing;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, Content, ObjectStore};

/// Bytes above which it is asked first whether an object is there: sending a smaller one in vain costs
/// hardly more than the question.
const LARGE: u64 = 5 * 1024 * 1024;

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
    if bytes > LARGE && is_there(ports, &bucket, &key).await {
        ports.emit(EventKind::UploadSkipped { key });
        return Ok(());
    }
    let put = || ports.store.put(&bucket, &key, content.clone());
    let was_sent = match put().await {
        Err(error) if error.code == AwsErrorCode::NotFound => {
            ensure_bucket(ports, &bucket).await?;
            put().await?
        }
        // It may have arrived, and only the answer was lost; the second one finds it then.
        Err(error) if is_passing(&error) => put().await?,
        answer => answer?,
    };
    ports.emit(if was_sent { EventKind::Uploaded { key, bytes } } else { EventKind::UploadSkipped { key } });
    Ok(())
}

async fn is_there<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    bucket: &str,
    key: &str,
) -> bool {
    ports.store.keys(bucket, key).await.is_ok_and(|keys| keys.contains(key))
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
