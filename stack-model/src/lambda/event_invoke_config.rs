//! `AWS::Lambda::EventInvokeConfig`: what happens to asynchronous invocations.

use serde::Serialize;

use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource};
use crate::unit::{Count, Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Time Lambda keeps an event in its own queue: 1 minute to 6 hours.
    ///
    /// Source: AWS::Lambda::EventInvokeConfig, MaximumEventAgeInSeconds.
    MaximumEventAge(Seconds, "MaximumEventAgeInSeconds", 60..=21_600)
);
ranged!(
    /// Further attempts after the first when the function fails.
    ///
    /// Source: AWS::Lambda::EventInvokeConfig, MaximumRetryAttempts.
    MaximumRetryAttempts(Count, "MaximumRetryAttempts", 0..=2)
);

/// Where events go that failed for good, with the error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnFailure {
    /// ARN of a standard queue, standard topic, bucket, function or event bus; the function's role must be let in.
    pub destination: Value<String>,
}

/// Where the results of successful invocations go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnSuccess {
    /// ARN of a standard queue, standard topic, function or event bus; the function's role must be let in.
    pub destination: Value<String>,
}

/// Where asynchronous invocations are recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DestinationConfig {
    /// For those that failed for good.
    pub on_failure: Option<OnFailure>,
    /// For those that succeeded.
    pub on_success: Option<OnSuccess>,
}

/// How Lambda treats asynchronous invocations of a function, as those by S3 and SNS.
///
/// Source: AWS::Lambda::EventInvokeConfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventInvokeConfig {
    /// Where invocations are recorded. AWS default when absent: failed events are dropped. Laws: E3003, W3014, E3035.
    ///
    /// Update: no interruption. Source: AWS::Lambda::EventInvokeConfig, DestinationConfig.
    pub destination_config: Option<DestinationConfig>,
    /// The function's name.
    ///
    /// Update: replacement. Source: AWS::Lambda::EventInvokeConfig, FunctionName.
    pub function_name: Value<String>,
    /// Time Lambda keeps an event.
    ///
    /// Shape: whole seconds, `60..=21_600`. AWS default when absent: 21,600. Update: no interruption.
    /// Source: AWS::Lambda::EventInvokeConfig, MaximumEventAgeInSeconds.
    pub maximum_event_age_in_seconds: Option<Value<MaximumEventAge>>,
    /// Further attempts after the first.
    ///
    /// Shape: `0..=2`. AWS default when absent: 2. Update: no interruption.
    /// Source: AWS::Lambda::EventInvokeConfig, MaximumRetryAttempts.
    pub maximum_retry_attempts: Option<Value<MaximumRetryAttempts>>,
    /// Version or alias: `$LATEST` for the function itself.
    ///
    /// Update: replacement. Source: AWS::Lambda::EventInvokeConfig, Qualifier.
    pub qualifier: Value<String>,
}

impl Resource for EventInvokeConfig {
    const TYPE: &'static str = "AWS::Lambda::EventInvokeConfig";
    const ATTRIBUTES: &'static [&'static str] = &[];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("DestinationConfig", NoInterruption),
        Property::required("FunctionName", Replacement),
        Property::optional("MaximumEventAgeInSeconds", NoInterruption),
        Property::optional("MaximumRetryAttempts", NoInterruption),
        Property::required("Qualifier", Replacement),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn full_config_renders_aws_names() {
        let config = EventInvokeConfig {
            destination_config: Some(DestinationConfig {
                on_failure: Some(OnFailure { destination: "q".into() }),
                on_success: None,
            }),
            function_name: "f".into(),
            maximum_event_age_in_seconds: Some(MaximumEventAge::new(Seconds(60)).unwrap().into()),
            maximum_retry_attempts: Some(MaximumRetryAttempts::new(Count(0)).unwrap().into()),
            qualifier: "$LATEST".into(),
        };
        let expected = json!({
            "DestinationConfig": {"OnFailure": {"Destination": "q"}}, "FunctionName": "f",
            "MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0, "Qualifier": "$LATEST",
        });
        assert_eq!(properties(&config), expected);
        assert_properties_match(&config);
    }

    #[test]
    fn third_retry_is_refused() {
        assert!(MaximumRetryAttempts::new(Count(2)).is_ok());
        assert!(MaximumRetryAttempts::new(Count(3)).is_err());
    }

    #[test]
    fn event_age_ends_at_six_hours() {
        assert!(MaximumEventAge::new(Seconds(21_600)).is_ok());
        assert!(MaximumEventAge::new(Seconds(21_601)).is_err());
        assert!(MaximumEventAge::new(Seconds(59)).is_err());
    }
}
