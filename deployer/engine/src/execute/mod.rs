//! Walks a plan through the ports. All choices were made in the plan; what is decided here is only
//! whether a step is done already.

mod attach;
mod change_set;
mod code_only;
mod down;
mod fast;
mod held;
mod inventory;
mod join;
mod pace;
mod packaging;
mod prepare;
mod preview;
mod ready;
mod reconcile;
mod recovery;
mod saved;
mod start;
mod up;
mod upload;
mod validation;
mod watch;

pub use attach::{AttachError, attach, cancel};
pub use code_only::CodeOnlyError;
pub use down::{DownError, down};
pub use fast::{DeployError, Direct, Way, deploy};
pub use pace::Pace;
pub use preview::{Asked, PreviewError, Question, preview, preview_of_templates};
pub use ready::{NotReady, Pending};
pub use recovery::{RecoverError, recover};
pub use saved::{Obsolete, SavedPlanError, up_saved};
pub use up::{Inputs, UpError, up};
pub use watch::{FailedResource, OperationFailure};

use serde_json::Value;

use crate::aws_error::AwsError;
use crate::event::{Event, EventKind, EventSink};
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::template_file::as_sent;

/// The world outside, as one operation needs it.
pub struct Ports<'a, C, S, T> {
    /// CloudFormation.
    pub cloudformation: &'a C,
    /// S3.
    pub store: &'a S,
    /// Time.
    pub clock: &'a T,
    /// How often AWS is asked; one for all operations of a process.
    pub pace: &'a Pace,
    /// Where events go.
    pub events: &'a dyn EventSink,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock> Ports<'_, C, S, T> {
    fn emit(&self, kind: EventKind) {
        self.events.emit(Event { at_ms: self.clock.now_ms(), kind });
    }

    async fn template(&self, stack: &str) -> Result<Value, AwsError> {
        self.cloudformation.template(stack).await.map(as_sent)
    }
}
