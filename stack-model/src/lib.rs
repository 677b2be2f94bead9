#![doc = include_str!("../README.md")]
//!
//! # Where to read
//!
//! Two layers, never in one file. The *mirror* ([`sqs`], [`s3`], [`lambda`], [`dynamodb`], ...) repeats AWS's
//! resource types with their names, units and ranges. The *opinion* ([`pipeline`], [`grant`], [`handle`]) wires
//! them: least-privilege grants that follow from use, safe defaults, alarms. [`Stack`] owns the resources and is
//! the only thing that can be rendered; what the model does not know it takes raw. The [`law`]s read what was
//! rendered, of this crate or of any other author. [`assertion`] is for your own tests.

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
pub mod order;
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
