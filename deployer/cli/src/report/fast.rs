//! What fast deployments say: which way was taken, what runs other code, and when what is ready.

use pipectl_engine::event::EventKind;

use super::console::Console;
use super::style::seconds;

/// Shows an event of a fast deployment; `elapsed_ms` counts from the operation's start.
pub(crate) fn show(console: &Console, kind: &EventKind, elapsed_ms: i64) {
    let style = console.style;
    match kind {
        EventKind::FellBack { from, because } => {
            console.say(&format!("  {}: {}", instead(from), because.join(", ")));
        }
        EventKind::CodeUpdated { logical_id, function, restored, .. } => {
            let name = format!("{} {}", style.bold(logical_id), style.dim(function));
            console.say(&if *restored {
                format!("  restored the deployed code of {name}")
            } else {
                format!("  updated the code of {name} directly; the next deployment brings the stack in line")
            });
        }
        EventKind::Configured { needs } => {
            console.say(&format!("configured after {}", seconds(elapsed_ms)));
            console.busy("waiting until all is ready", Some(*needs));
        }
        EventKind::ResourceReady { logical_id } => console.advance(logical_id),
        EventKind::Ready { unseen } => {
            console.idle();
            for subject in unseen {
                console.warn(&format!("  not looked at: {subject}"));
            }
            console.say(&style.bold(&format!("ready after {}", seconds(elapsed_ms))));
        }
        _ => {}
    }
}

fn instead(from: &str) -> &'static str {
    match from {
        "express" => "deploying in standard mode",
        "update_stack" => "deploying by change set",
        _ => "more than code differs, deploying as usual",
    }
}
