//! What a Lambda function asks of its infrastructure, declared once for both sides.
//!
//! A function's crate declares the environment variables that it reads, the payloads that cross its queues
//! and the events that it takes, as one constant [`Contract`]. Its own code reads the environment by that
//! declaration ([`Environment`]). A test of the crate ([`assert_current`]) writes the declaration to
//! [`FILE_NAME`] beside its `Cargo.toml`, and fails when the file is out of date. `pipectl check` compares the
//! file with the spec, without compiling anything: a variable that is missing, misspelt, out of range or bound
//! to the wrong resource is found there, and not in the cloud.
//!
//! A crate without the file is deployed as any other; nothing is said about it. The file may as well be
//! written by hand, in any language: `templates/contract.schema.json` is its JSON Schema.
//!
//! ```
//! use pipectl_contract::{
//!     Contract, Environment, Event, Payload, Presence, QueueAccess, ValueKind, Variable,
//! };
//!
//! const ORDER: Payload = Payload { name: "shop.order", version: 2 };
//!
//! const QUEUE_URL: Variable = Variable {
//!     name: "QUEUE_URL",
//!     presence: Presence::Required,
//!     value: ValueKind::QueueUrl { access: QueueAccess::Send, payloads: &[ORDER] },
//!     documentation: "URL of the queue that gets the orders.",
//! };
//!
//! const ATTEMPTS: Variable = Variable {
//!     name: "ATTEMPTS",
//!     presence: Presence::Default("3"),
//!     value: ValueKind::Number { minimum: 1, maximum: 10 },
//!     documentation: "How often an order is sent.",
//! };
//!
//! pub const CONTRACT: Contract =
//!     Contract { environment: &[QUEUE_URL, ATTEMPTS], events: Some(&[Event::Api]) };
//!
//! // In the function: every fault at once, by the same declaration.
//! let mut environment = Environment::read(CONTRACT.environment, |name| {
//!     (name == "QUEUE_URL").then(|| "https://sqs.eu-central-1.amazonaws.com/1/orders".to_owned())
//! });
//! let settings = (environment.text(&QUEUE_URL), environment.number::<u32>(&ATTEMPTS));
//! assert_eq!(environment.finish(settings)?.1, 3);
//!
//! // In a test of the crate: pipectl_contract::assert_current(&CONTRACT, env!("CARGO_MANIFEST_DIR"));
//! assert!(CONTRACT.to_json().contains(r#""payloads": ["#));
//! # Ok::<(), pipectl_contract::EnvironmentError>(())
//! ```
//!
//! Invariant: no AWS client, no payload, no clock. Read [`Contract`] first.

mod contract;
mod current;
mod environment;
mod payload;
mod variable;

pub use contract::{Contract, Event};
pub use current::{FILE_NAME, assert_current};
pub use environment::{Environment, EnvironmentError, EnvironmentFault};
pub use payload::Payload;
pub use variable::{DataAccess, Presence, QueueAccess, ValueKind, Variable, names};
