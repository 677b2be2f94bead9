//! `AWS::Lambda::*`: functions and what invokes them.
//!
//! Source: CloudFormation template reference, AWS::Lambda.

mod event_invoke_config;
mod event_source_mapping;
mod function;
mod permission;

pub use event_invoke_config::{
    DestinationConfig, EventInvokeConfig, MaximumEventAge, MaximumRetryAttempts, OnFailure, OnSuccess,
};
pub use event_source_mapping::{
    BatchSize, EventSourceMapping, Filter, FilterCriteria, FunctionResponseType, MaximumBatchingWindow,
    MaximumConcurrency, ScalingConfig,
};
pub use function::{
    ApplicationLogLevel, Architecture, Code, DeadLetterConfig, Environment, EphemeralStorage,
    EphemeralStorageSize, Function, LogFormat, LoggingConfig, MemorySize, RecursiveLoop,
    ReservedConcurrentExecutions, Runtime, SystemLogLevel, Timeout, TracingConfig, TracingMode,
};
pub use permission::Permission;

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] = &[
    ResourceType::of::<EventInvokeConfig>(),
    ResourceType::of::<EventSourceMapping>(),
    ResourceType::of::<Function>(),
    ResourceType::of::<Permission>(),
];
