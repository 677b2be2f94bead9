//! What tests of a stack say of its template.
//!
//! Each question comes in two forms: one that returns a [`Mismatch`], as [`has_resource`], and one that panics with its
//! text at the line of the test, as [`assert_has_resource`]. They read any template, of this crate or another author's,
//! by [`Template::from_json`]. Golden files are compared without what changes with the code by [`masked`].
//!
//! ```
//! use serde_json::json;
//! use stack_model::assertion::{Pattern, assert_granted, assert_has_resource, assert_not_granted};
//! use stack_model::handle::Standard;
//! use stack_model::pipeline::{
//!     FunctionOptions, MessageOptions, Pipeline, PipelineName, PipelineOptions, QueueOptions,
//! };
//!
//! let mut pipeline = Pipeline::new(PipelineName::new("orders")?, PipelineOptions::default());
//! let orders = pipeline.queue::<Standard>("orders", QueueOptions::default());
//! let writer = pipeline.function("writer", FunctionOptions::default());
//! pipeline.on_message(&writer, &orders, MessageOptions::default());
//! let template = pipeline.into_stack().template();
//!
//! let mapping = json!({"EventSourceArn": orders.arn(), "FunctionResponseTypes": ["ReportBatchItemFailures"]});
//! assert_has_resource(&template, "AWS::Lambda::EventSourceMapping", mapping);
//! let queue = assert_has_resource(
//!     &template,
//!     "AWS::SQS::Queue",
//!     Pattern::object([("VisibilityTimeout", Pattern::present()), ("FifoQueue", Pattern::absent())]),
//! );
//! assert_eq!(queue.logical_id, "OrdersQueue");
//! assert_granted(&template, "WriterFunction", "sqs:ReceiveMessage", orders.arn());
//! assert_not_granted(&template, "WriterFunction", "sqs:SendMessage", orders.arn());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod mask;
mod mismatch;
mod pattern;
mod resource;

use serde::Serialize;

pub use self::access::{is_granted, is_not_granted};
pub use self::mask::{masked, masked_json};
pub use self::mismatch::{Mismatch, Permission};
pub use self::pattern::{Difference, Pattern};
pub use self::resource::{has_output, has_resource, resource_count, resource_is, resources_like};
use crate::template::{Template, TemplateResource};

/// [`has_resource`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_has_resource<'t>(
    template: &'t Template,
    resource_type: &str,
    properties: impl Into<Pattern>,
) -> TemplateResource<'t> {
    expect(has_resource(template, resource_type, properties))
}

/// [`resource_is`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_resource_is<'t>(
    template: &'t Template,
    logical_id: &str,
    pattern: impl Into<Pattern>,
) -> TemplateResource<'t> {
    expect(resource_is(template, logical_id, pattern))
}

/// [`resource_count`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_resource_count(template: &Template, resource_type: &str, expected: usize) {
    expect(resource_count(template, resource_type, expected));
}

/// [`has_output`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_has_output(template: &Template, name: &str, value: impl Into<Pattern>) {
    expect(has_output(template, name, value));
}

/// [`is_granted`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_granted(template: &Template, subject: &str, action: &str, on: impl Serialize) {
    expect(is_granted(template, subject, action, on));
}

/// [`is_not_granted`], as an assertion.
///
/// # Panics
/// With the text of the [`Mismatch`].
#[track_caller]
pub fn assert_not_granted(template: &Template, subject: &str, action: &str, on: impl Serialize) {
    expect(is_not_granted(template, subject, action, on));
}

/// Fails the caller's test.
#[track_caller]
fn expect<T>(result: Result<T, Mismatch>) -> T {
    match result {
        Ok(found) => found,
        Err(mismatch) => panic!("{mismatch}"),
    }
}
