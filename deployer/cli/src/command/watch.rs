//! `pipectl watch`: deploys on every save.

use serde_json::json;

use crate::args::WatchArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::report::console::Console;
use crate::watch::Watching;

/// Deploys, then again on every save, until Ctrl-C.
///
/// Ctrl-C while nothing is deployed is the way this command ends well; in the middle of a deployment it
/// is an interruption as anywhere.
pub(crate) async fn run(args: &WatchArgs, console: &Console) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::text(Exit::Access, format!("cannot listen for Ctrl-C: {error}")))?;
    let mut watching = Watching::start(args, console).await?;
    loop {
        let rounds = watching.rounds();
        let interrupt = tokio::select! {
            biased;
            interrupt = interrupts.next() => Some(interrupt),
            () = watching.deploy() => None,
        };
        if let Some(interrupt) = interrupt {
            return super::attach::interrupted(interrupt, false, console).await;
        }
        tokio::select! {
            biased;
            _ = interrupts.next() => {
                console.say("ended");
                if console.is_json() {
                    console.json(&json!({"type": "outcome", "result": "ended", "rounds": rounds + 1}));
                }
                return Ok(Exit::Done);
            }
            changed = watching.changed() => changed?,
        }
    }
}
