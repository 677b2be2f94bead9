//! What CloudFormation does with a resource when a property changes, and whether the resource holds data.
//!
//! One answer for the whole engine: the stack model where it has the property, since it is held to AWS's pages, else
//! the table of all resource types. What is not known is said to be unknown and counts as the worst that it can be.

use pipectl_resource_types::{self as table, resource_type};
use stack_model::resource::{self, UpdateBehavior};

use super::Effect;

/// What a change of a property does, in AWS's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpdateBehaviour {
    /// The resource is updated and stays.
    NoReplacement,
    /// A new resource may take its place; that depends on the values.
    MayReplace,
    /// A new resource takes its place.
    Replacement,
    /// Neither the model nor the table knows the type or the property.
    Unknown,
}

impl UpdateBehaviour {
    /// The effect that is shown: what is not known may be a replacement.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::NoReplacement => Effect::Update,
            Self::MayReplace | Self::Unknown => Effect::MayReplace,
            Self::Replacement => Effect::Replace,
        }
    }
}

/// Whether a resource holds what its users put into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// It does.
    Held,
    /// It does not.
    None,
    /// The type is not known.
    Unknown,
}

/// Says what a change of the property at this path does, for example of `TableName` or `Code.S3Key`.
pub(crate) fn update_behaviour(kind: &str, path: &str) -> UpdateBehaviour {
    let kind = expanded(kind);
    let property = path.split('.').next().unwrap_or(path);
    match resource::update_behavior(kind, property) {
        Some(UpdateBehavior::Replacement) => return UpdateBehaviour::Replacement,
        Some(UpdateBehavior::Conditional { .. }) => return UpdateBehaviour::MayReplace,
        Some(_) => return UpdateBehaviour::NoReplacement,
        None => {}
    }
    match resource_type(kind).map(|it| it.update_behavior(path)) {
        Some(table::UpdateBehavior::NoReplacement) => UpdateBehaviour::NoReplacement,
        Some(table::UpdateBehavior::MayReplace) => UpdateBehaviour::MayReplace,
        Some(table::UpdateBehavior::Replacement) => UpdateBehaviour::Replacement,
        Some(table::UpdateBehavior::Unknown) | None => UpdateBehaviour::Unknown,
    }
}

/// Says whether resources of the type hold data.
pub(crate) fn data(kind: &str) -> Data {
    let kind = expanded(kind);
    let is_stateful = match resource::find_type(kind) {
        Some(known) => Some(known.stateful),
        None => resource_type(kind).filter(|it| !holds_others(&it.name())).map(|it| it.is_stateful()),
    };
    match is_stateful {
        Some(true) => Data::Held,
        Some(false) => Data::None,
        None => Data::Unknown,
    }
}

/// True for a type whose resources hold others, of which nothing is known here.
fn holds_others(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::CloudFormation::CustomResource" | "AWS::CloudFormation::Stack" | "AWS::Serverless::Application"
    )
}

/// Types of the Serverless Application Model, with the type that holds their state. Source: AWS SAM developer guide,
/// "Generated AWS CloudFormation resources".
const SERVERLESS: [(&str, &str); 3] = [
    ("AWS::Serverless::Function", "AWS::Lambda::Function"),
    ("AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api"),
    ("AWS::Serverless::SimpleTable", "AWS::DynamoDB::Table"),
];

fn expanded(kind: &str) -> &str {
    SERVERLESS.iter().find(|(name, _)| *name == kind).map_or(kind, |(_, becomes)| becomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_answers_first_then_the_table_and_what_neither_knows_is_unknown() {
        for (kind, path, expected) in [
            ("AWS::SQS::Queue", "QueueName", UpdateBehaviour::Replacement),
            ("AWS::SQS::Queue", "DelaySeconds", UpdateBehaviour::NoReplacement),
            ("AWS::RDS::DBInstance", "MasterUsername", UpdateBehaviour::Replacement),
            ("AWS::Kinesis::Stream", "Name", UpdateBehaviour::Replacement),
            ("AWS::EFS::FileSystem", "Encrypted", UpdateBehaviour::Replacement),
            ("AWS::SSM::Parameter", "Value", UpdateBehaviour::NoReplacement),
            ("AWS::Serverless::Function", "MemorySize", UpdateBehaviour::NoReplacement),
            ("AWS::Serverless::Function", "Events", UpdateBehaviour::Unknown),
            ("AWS::SQS::Queue", "PropertyOfTomorrow", UpdateBehaviour::Unknown),
            ("Custom::Thing", "Size", UpdateBehaviour::Unknown),
        ] {
            assert_eq!(update_behaviour(kind, path), expected, "{kind}.{path}");
        }
    }

    #[test]
    fn types_hold_data_or_none_or_it_is_not_known() {
        for (kind, expected) in [
            ("AWS::RDS::DBInstance", Data::Held),
            ("AWS::Serverless::SimpleTable", Data::Held),
            ("AWS::Logs::LogGroup", Data::None),
            ("AWS::SSM::Parameter", Data::None),
            ("AWS::CloudFormation::Stack", Data::Unknown),
            ("Custom::Thing", Data::Unknown),
        ] {
            assert_eq!(data(kind), expected, "{kind}");
        }
    }
}
