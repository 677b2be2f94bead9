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
    /// Bytes of the open content that were read from a connection before.
    repeated: u64,
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
    /// What the store sent for the rest is not shown to be the rest of the same content.
    #[error("reading could not be taken up again at byte {offset}: the store sent {sent}")]
    NotContinued {
        /// Stored bytes read.
        offset: u64,
        /// What the store sent instead.
        sent: Other,
    },
}

/// Content that does not go on where reading broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Other {
    /// Another content, or one of which this cannot be told.
    #[error("content with entity tag {} instead of {}", quoted(found.as_deref()), quoted(expected.as_deref()))]
    Content {
        /// Entity tag read at first.
        expected: Option<String>,
        /// Entity tag sent now.
        found: Option<String>,
    },
    /// A content of another size.
    #[error("content of {found} bytes instead of {expected}")]
    Size {
        /// Bytes of the content read at first.
        expected: u64,
        /// Bytes of the content sent now.
        found: u64,
    },
    /// A part that leaves bytes out.
    #[error("content from byte {from} on")]
    LaterPart {
        /// First byte of the part.
        from: u64,
    },
}

fn quoted(entity_tag: Option<&str>) -> String {
    entity_tag.map_or_else(|| "none".to_owned(), |entity_tag| format!("`{entity_tag}`"))
}

impl<'object, S: ObjectStore> Reader<'object, S> {
    pub(crate) async fn open(
        store: &'object S,
        clock: &'object dyn Clock,
        object: &'object ObjectCreated,
    ) -> Result<Self, OpenError> {
        let open = store.open(object, 0, None).await?;
        Ok(Self { store, clock, object, open, offset: 0, repeated: 0, failed_attempts: 0 })
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.open.content_type.as_deref()
    }

    /// Stored bytes read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Size of the object in bytes, if the store says.
    pub(crate) fn size(&self) -> Option<u64> {
        self.open.size
    }

    /// The next stored bytes; `None` at the end. Takes up a broken connection where it broke, provided that the
    /// store shows that it goes on there in the same content.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        loop {
            match self.open.body.next().await {
                Some(Ok(mut bytes)) => {
                    let repeated = bytes.len().min(usize::try_from(self.repeated).unwrap_or(usize::MAX));
                    self.repeated -= repeated as u64;
                    let bytes = bytes.split_off(repeated);
                    if !bytes.is_empty() {
                        self.offset += bytes.len() as u64;
                        self.failed_attempts = 0;
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => self.reopen(error).await?,
                None => match self.open.size {
                    Some(size) if self.offset < size => {
                        let reason = format!("it ended at byte {} of {size}", self.offset);
                        self.reopen(BodyError { reason }).await?;
                    }
                    _ => return Ok(None),
                },
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
        let open = self
            .store
            .open(self.object, offset, entity_tag)
            .await
            .map_err(|source| ReadError::NotReopened { offset, source })?;
        self.repeated = self.continuation(&open).map_err(|sent| ReadError::NotContinued { offset, sent })?;
        self.open = open;
        Ok(())
    }

    /// Bytes at the start of `open` that were read before, if it is the same content and leaves none out.
    fn continuation(&self, open: &OpenObject<S::Body>) -> Result<u64, Other> {
        if self.offset == 0 && open.from == 0 {
            // Nothing of the first content was used.
            return Ok(0);
        }
        let expected = &self.open.entity_tag;
        if expected.is_none() || *expected != open.entity_tag {
            return Err(Other::Content { expected: expected.clone(), found: open.entity_tag.clone() });
        }
        match (self.open.size, open.size) {
            (Some(expected), Some(found)) if expected != found => {
                return Err(Other::Size { expected, found });
            }
            _ => {}
        }
        self.offset.checked_sub(open.from).ok_or(Other::LaterPart { from: open.from })
    }
}
