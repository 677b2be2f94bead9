//! Reads an object to its end over connections that break.

use bytes::Bytes;
use pipectl_invocation::backoff::pause_after;
use pipectl_invocation::clock::Clock;

use crate::effects::{BodyError, ObjectBody as _, ObjectStore, OpenError, OpenObject};
use crate::event::ObjectCreated;

/// Connections in a row that may bring nothing before reading fails.
const MAX_ATTEMPTS: u32 = 4;

/// An object that is being read.
pub(crate) struct Reader<'object, S: ObjectStore> {
    store: &'object S,
    clock: &'object dyn Clock,
    object: &'object ObjectCreated,
    open: OpenObject<S::Body>,
    offset: u64,
    failed_attempts: u32,
}

/// Why an object could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It broke off too often.
    #[error("reading broke off at byte {offset} after {attempts} attempts")]
    BrokeOff {
        /// Stored bytes read.
        offset: u64,
        /// Attempts that brought nothing.
        attempts: u32,
        /// The last failure.
        #[source]
        source: BodyError,
    },
    /// It broke off and could not be opened again; also when it was replaced meanwhile.
    #[error("reading could not be taken up again at byte {offset}")]
    NotReopened {
        /// Stored bytes read.
        offset: u64,
        /// The failure.
        #[source]
        source: OpenError,
    },
}

impl<'object, S: ObjectStore> Reader<'object, S> {
    pub(crate) async fn open(
        store: &'object S,
        clock: &'object dyn Clock,
        object: &'object ObjectCreated,
    ) -> Result<Self, OpenError> {
        let open = store.open(object, 0, None).await?;
        Ok(Self { store, clock, object, open, offset: 0, failed_attempts: 0 })
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.open.content_type.as_deref()
    }

    /// Stored bytes read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next stored bytes; `None` at the end. Takes up a broken connection where it broke.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        loop {
            match self.open.body.next().await {
                Some(Ok(bytes)) => {
                    self.offset += bytes.len() as u64;
                    self.failed_attempts = 0;
                    return Ok(Some(bytes));
                }
                Some(Err(error)) => self.reopen(error).await?,
                None => return Ok(None),
            }
        }
    }

    async fn reopen(&mut self, error: BodyError) -> Result<(), ReadError> {
        let offset = self.offset;
        self.failed_attempts += 1;
        if self.failed_attempts == MAX_ATTEMPTS {
            return Err(ReadError::BrokeOff { offset, attempts: MAX_ATTEMPTS, source: error });
        }
        self.clock.pause(pause_after(self.failed_attempts, &self.object.key)).await;
        let entity_tag = self.open.entity_tag.as_deref();
        self.open = self
            .store
            .open(self.object, offset, entity_tag)
            .await
            .map_err(|source| ReadError::NotReopened { offset, source })?;
        Ok(())
    }
}
