//! A person, or nobody, at the terminal.

use std::cell::RefCell;

use pipectl_engine::port::{Answer, Approver, Request};
use pipectl_engine::review::{Inventory, Proposal, Review};

/// Gives the same answer to every request and remembers what was asked.
#[derive(Debug)]
pub struct Answering {
    answer: Answer,
    reviews: RefCell<Vec<Review>>,
    inventories: RefCell<Vec<Inventory>>,
    proposals: RefCell<Vec<Proposal>>,
}

impl Answering {
    /// Makes an approver that gives this answer.
    #[must_use]
    pub fn with(answer: Answer) -> Self {
        Self {
            answer,
            reviews: RefCell::default(),
            inventories: RefCell::default(),
            proposals: RefCell::default(),
        }
    }

    /// Lists the changes that were asked about.
    #[must_use]
    pub fn reviews(&self) -> Vec<Review> {
        self.reviews.borrow().clone()
    }

    /// Lists the steps out of a failed state that were asked about.
    #[must_use]
    pub fn proposals(&self) -> Vec<Proposal> {
        self.proposals.borrow().clone()
    }

    /// Lists the deletions that were asked about.
    #[must_use]
    pub fn inventories(&self) -> Vec<Inventory> {
        self.inventories.borrow().clone()
    }
}

impl Approver for Answering {
    async fn approve(&self, request: Request<'_>) -> Answer {
        match request {
            Request::Change(review) => self.reviews.borrow_mut().push(review.clone()),
            Request::Delete(inventory) => self.inventories.borrow_mut().push(inventory.clone()),
            Request::Recover(proposal) => self.proposals.borrow_mut().push(proposal.clone()),
        }
        self.answer
    }
}
