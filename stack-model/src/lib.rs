//! Typed model of an event-driven serverless stack that renders CloudFormation.
//!
//! Two layers, never in one file. The *mirror* ([`sqs`], [`s3`], [`lambda`], [`dynamodb`], ...) repeats AWS's
//! resource types with their names, units and ranges. The *opinion* ([`pipeline`], [`grant`], [`handle`]) wires
//! them: least-privilege grants that follow from use, safe defaults, alarms. [`Stack`] owns the resources and is
//! the only thing that can be rendered. The [`law`]s read what was rendered, of this crate or of any other author.
//!
//! Invariant: no IO, no clock, no randomness. Equal input gives equal bytes.
//!
//! ```
//! use stack_model::sqs::{Queue, VisibilityTimeout};
//! use stack_model::unit::Seconds;
//! use stack_model::{LogicalId, Output, Stack};
//!
//! let mut stack = Stack::new("One queue.");
//! let timeout = VisibilityTimeout::new(Seconds(90))?;
//! let queue = Queue { visibility_timeout: Some(timeout.into()), ..Queue::default() };
//! let messages = stack.add(LogicalId::new("Messages")?, queue);
//! stack.output(LogicalId::new("MessagesUrl")?, Output::new(messages.reference()));
//! assert!(stack.check().is_empty());
//! assert!(stack.template().to_json_pretty().contains("AWS::SQS::Queue"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod apigatewayv2;
pub mod assertion;
pub mod cloudwatch;
pub mod diagnostic;
pub mod dynamodb;
pub mod grant;
pub mod handle;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod law;
pub mod logical_id;
pub mod logs;
pub mod pipeline;
pub mod reference;
pub mod resource;
pub mod s3;
pub mod sns;
pub mod sqs;
pub mod stack;
pub mod template;
pub mod unit;
pub mod value;
mod world;

pub use diagnostic::{Diagnostic, Severity};
pub use logical_id::LogicalId;
pub use resource::{Resource, Tag};
pub use stack::{
    Output, Parameter, ParameterType, ResourceAttributes, ResourceHandle, RetentionPolicy, Stack,
};
pub use template::Template;
pub use value::{ConditionExpression, Intrinsic, PseudoParameter, Value};
