//! `pipectl local inbox`: what the local engine would have sent to people.

use pipectl_local::{inbox, take_inbox};
use serde_json::json;

use crate::args::LocalInboxArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::reach;
use crate::report::console::Console;
use crate::report::delivery::show;

/// Prints the deliveries, oldest first, and forgets them if asked to.
pub(crate) fn run(args: &LocalInboxArgs, console: &Console) -> Result<Exit, Failure> {
    let home = reach::home(&args.project.project)?;
    let read = if args.clear { take_inbox(&home) } else { inbox(&home) };
    let deliveries = read.map_err(|error| {
        Failure::new(Exit::Access, &error).hint("empty the local engine: pipectl local reset")
    })?;
    for delivery in &deliveries {
        show(console, delivery);
    }
    if console.is_json() {
        console.json(&json!({"type": "outcome", "result": "listed", "deliveries": deliveries.len()}));
    } else if deliveries.is_empty() {
        console.say("nothing was sent by e-mail or SMS");
    }
    Ok(Exit::Done)
}
