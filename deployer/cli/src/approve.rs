//! Asks the user, or answers by flag.

use pipectl_engine::diff::Permit;
use pipectl_engine::port::{Answer, Approver, Request};
use pipectl_engine::recover::Action;
use pipectl_engine::review::{Consent, Inventory, Proposal, Review};

use crate::report::console::Console;
use crate::report::plan;
use crate::report::style::count;

/// Asks on the terminal what no flag has answered.
pub(crate) struct Asking<'a> {
    /// Where to ask.
    pub(crate) console: &'a Console,
    /// What flags have agreed to.
    pub(crate) agreed: Agreed,
}

/// What needs no question any more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Agreed {
    /// The deletion of the stack.
    pub(crate) deletion: bool,
    /// Access that widens.
    pub(crate) access: bool,
    /// The loss of data by a change.
    pub(crate) data: bool,
    /// A step out of a failed state that leaves something behind.
    pub(crate) recovery: bool,
}

impl Agreed {
    /// Returns what is left to ask.
    pub(crate) fn left(self, consent: Consent) -> Consent {
        Consent {
            data: if self.data { Vec::new() } else { consent.data },
            access: if self.access { Vec::new() } else { consent.access },
        }
    }
}

impl Approver for Asking<'_> {
    async fn approve(&self, request: Request<'_>) -> Answer {
        match request {
            Request::Change(review) => self.change(review).await,
            Request::Delete(inventory) => self.delete(inventory).await,
            Request::Recover(proposal) => self.recover(proposal).await,
        }
    }
}

impl Asking<'_> {
    async fn change(&self, review: &Review) -> Answer {
        let consent = self.agreed.left(review.consent());
        if consent.is_needless() {
            return Answer::Approved;
        }
        self.console.idle();
        for it in review.data.iter().filter(|it| consent.data.contains(&it.logical_id)) {
            self.console.warn(&format!(
                "this change may delete the data of {} ({})",
                it.logical_id, it.resource_type
            ));
        }
        for statement in &consent.access {
            let sentence = plan::statement(statement);
            let change = match statement.effect {
                Permit::Allow => "allows",
                Permit::Deny => "no longer forbids",
            };
            self.console.warn(&format!("this change {change}: {sentence}"));
        }
        self.ask(false, &format!("change stack {}?", review.stack)).await
    }

    async fn delete(&self, inventory: &Inventory) -> Answer {
        self.console.idle();
        self.console.say(&format!(
            "  deletes {}, keeps {}",
            count(inventory.deletes.len(), "resource", "resources"),
            inventory.retains.len()
        ));
        if inventory.lifts_protection {
            self.console.say("  lifts its termination protection");
        }
        if !inventory.discards.is_empty() {
            self.console.say(&format!("  with the waiting change set {}", inventory.discards.join(", ")));
        }
        if !inventory.loses_data.is_empty() {
            self.console.say(&format!("  with all data in {}", inventory.loses_data.join(", ")));
        }
        self.ask(self.agreed.deletion, &format!("delete stack {}?", inventory.stack)).await
    }

    /// A step out of a failed state that leaves something behind or takes something away.
    async fn recover(&self, proposal: &Proposal) -> Answer {
        self.console.idle();
        let Proposal { stack, status, action } = proposal;
        let subjects = action.subjects().join(", ");
        let consequence = match action {
            Action::SkipInRollback(_) => {
                format!(
                    "{subjects} cannot be rolled back: it is left as it is, which is not what the template says"
                )
            }
            Action::RetainStubborn(_) => {
                format!("{subjects} cannot be deleted: it is left in the account, in no stack")
            }
            Action::ForceDeletion(_) => {
                format!(
                    "{subjects} was not deleted: by force the stack goes, and what AWS cannot delete stays"
                )
            }
            Action::DiscardChangeSets(_) => {
                format!("the change set {subjects} of somebody else waits on the stack and would be deleted")
            }
            _ => "the stack can only be deleted and created again".to_owned(),
        };
        self.console.warn(&format!("stack {stack} is in {status}"));
        self.console.warn(&format!("  {consequence}"));
        self.ask(self.agreed.recovery, &format!("go on with stack {stack}?")).await
    }

    async fn ask(&self, agreed: bool, question: &str) -> Answer {
        match (agreed, self.console.can_ask()) {
            (true, _) => Answer::Approved,
            (false, false) => Answer::Refused,
            (false, true) if self.console.ask(question).await => Answer::Approved,
            (false, true) => Answer::Declined,
        }
    }
}
