//! `pipectl watch`: deploys on every save.

use serde_json::json;

use crate::args::WatchArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::report::console::Console;
use crate::watch::Watching;

/// Deploys, then again on every save, until Ctrl-C.
///
/// Ctrl-C while nothing is deployed is the way this command ends well; in the middle of a deployment it
/// is an interruption as anywhere.
pub(crate) async fn run(args: &WatchArgs, console: &Console) -> Result<Exit, Failure> {
    let mut watching = Watching::start(args, console).await?;
    loop {
        let rounds = watching.rounds();
        tokio::select! {
            biased;
            () = interrupted() => return super::attach::interrupted(None, console).await,
            () = watching.deploy() => {}
        }
        tokio::select! {
            biased;
            () = interrupted() => {
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

/// Waits for Ctrl-C; for ever where the signal cannot be had.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
