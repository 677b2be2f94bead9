//! Asks the user, or answers by flag.

use pipectl_engine::port::{Answer, Approver, Request};
use pipectl_engine::review::{Inventory, Review};

use crate::report::console::Console;
use crate::report::style::count;

/// Asks on the terminal unless `--yes` has answered.
pub(crate) struct Asking<'a> {
    /// Where to ask.
    pub(crate) console: &'a Console,
    /// The `--yes` flag.
    pub(crate) yes: bool,
}

impl Approver for Asking<'_> {
    async fn approve(&self, request: Request<'_>) -> Answer {
        match request {
            Request::Change(review) => self.change(review),
            Request::Delete(inventory) => self.delete(inventory),
        }
    }
}

impl Asking<'_> {
    /// Only the loss of data is asked about.
    fn change(&self, review: &Review) -> Answer {
        let losses = review.data_losses();
        if losses.is_empty() {
            return Answer::Approved;
        }
        self.console.warn(&format!("this change deletes the data of {}", losses.join(", ")));
        self.ask(&format!("change stack {}?", review.stack))
    }

    fn delete(&self, inventory: &Inventory) -> Answer {
        self.console.idle();
        self.console.say(&format!(
            "  deletes {}, keeps {}",
            count(inventory.deletes.len(), "resource", "resources"),
            inventory.retains.len()
        ));
        if !inventory.loses_data.is_empty() {
            self.console.say(&format!("  with all data in {}", inventory.loses_data.join(", ")));
        }
        self.ask(&format!("delete stack {}?", inventory.stack))
    }

    fn ask(&self, question: &str) -> Answer {
        match (self.yes, self.console.can_ask()) {
            (true, _) => Answer::Approved,
            (false, false) => Answer::Refused,
            (false, true) if self.console.ask(question) => Answer::Approved,
            (false, true) => Answer::Declined,
        }
    }
}
