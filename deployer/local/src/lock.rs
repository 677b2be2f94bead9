//! A lock between processes, held by an open file: it ends with its owner, however that ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::event::{LocalEvent, LocalEvents};
use crate::{pace, private};

/// Held until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the lock, waiting for another owner as long as it takes. The file stays behind.
///
/// Asks again and again instead of blocking, so that dropping the future stops the wait.
pub(crate) async fn take(path: &Path, events: &dyn LocalEvents) -> io::Result<Lock> {
    let file = private::lock_file(path)?;
    let mut announced = false;
    pace::poll_forever(|| match file.try_lock() {
        Ok(()) => Some(Ok(())),
        Err(TryLockError::Error(error)) => Some(Err(error)),
        Err(TryLockError::WouldBlock) => {
            if !announced {
                announced = true;
                events.emit(LocalEvent::WaitingForLock { path: path.to_owned() });
            }
            None
        }
    })
    .await?;
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn second_owner_waits_for_the_first_and_says_so_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let events = RefCell::new(Vec::new());
        let record = |event| events.borrow_mut().push(event);
        let first = take(&path, &record).await.unwrap();
        let mut second = Box::pin(take(&path, &record));
        assert!(futures_pending(second.as_mut()).await);
        drop(first);
        second.await.unwrap();
        assert_eq!(events.into_inner(), [LocalEvent::WaitingForLock { path }]);
    }

    async fn futures_pending<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending()))
            .await
    }
}
