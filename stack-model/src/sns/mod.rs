//! `AWS::SNS::*`: topics, who may use them, and who receives their messages.
//!
//! Source: CloudFormation template reference, AWS::SNS.

mod policy;
mod subscription;
mod topic;

pub use policy::TopicPolicy;
pub use subscription::{FilterPolicyScope, Protocol, RedrivePolicy, Subscription};
pub use topic::{
    ArchivePolicy, DeliveryProtocol, FifoThroughputScope, LoggingConfig, MaximumMessageSize,
    MessageRetentionPeriod, Percent, SignatureVersion, SuccessFeedbackSampleRate, Topic, TopicSubscription,
    TracingConfig,
};

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] =
    &[ResourceType::of::<Subscription>(), ResourceType::of::<Topic>(), ResourceType::of::<TopicPolicy>()];
