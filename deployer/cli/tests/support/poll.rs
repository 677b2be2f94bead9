//! Waiting for something that another process does.

use std::thread;
use std::time::Duration;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks until there is an answer; an `Err` says what was seen instead. Gives up after `tries` looks, which
/// take a quarter of a second each and longer on a loaded machine.
#[track_caller]
pub(crate) fn until<T>(what: &str, tries: usize, mut look: impl FnMut() -> Result<T, String>) -> T {
    let mut seen = String::new();
    for _ in 0..tries {
        match look() {
            Ok(found) => return found,
            Err(instead) => seen = instead,
        }
        thread::sleep(PAUSE);
    }
    panic!("{what}: not after {tries} looks; last seen: {seen}");
}
