//! Property values: a literal, or an intrinsic function that CloudFormation resolves.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::Serializer;
use serde_json::{Value as Json, json};

use crate::logical_id::LogicalId;

/// A property's value, known now (`Literal`) or resolved by CloudFormation (`Intrinsic`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<T> {
    /// Known when the template is rendered.
    Literal(T),
    /// Resolved when the stack is created or updated.
    Intrinsic(Intrinsic),
}

impl<T> Value<T> {
    /// `Ref` of a resource or parameter of the same template.
    #[must_use]
    pub fn reference(id: &LogicalId) -> Self {
        Self::Intrinsic(Intrinsic::Ref(id.to_string()))
    }

    /// `Ref` of a pseudo parameter.
    #[must_use]
    pub fn pseudo(parameter: PseudoParameter) -> Self {
        Self::Intrinsic(Intrinsic::Ref(parameter.name().to_owned()))
    }

    /// `Ref` of `AWS::NoValue`, which removes the property; meant for one branch of [`Value::if_condition`].
    #[must_use]
    pub fn no_value() -> Self {
        Self::pseudo(PseudoParameter::NoValue)
    }

    /// `Fn::GetAtt` of a resource's return value.
    #[must_use]
    pub fn attribute(id: &LogicalId, attribute: &str) -> Self {
        Self::Intrinsic(Intrinsic::GetAtt { logical_id: id.clone(), attribute: attribute.to_owned() })
    }

    /// `Fn::Sub` of a text with `${LogicalId}`, `${LogicalId.Attribute}` and `${AWS::...}`.
    #[must_use]
    pub fn sub(template: impl Into<String>) -> Self {
        Self::sub_with(template, [])
    }

    /// `Fn::Sub` with variables of its own; a variable hides a logical ID of the same name.
    #[must_use]
    pub fn sub_with<const N: usize>(
        template: impl Into<String>,
        variables: [(&str, Value<String>); N],
    ) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::Intrinsic(Intrinsic::Sub { template: template.into(), variables })
    }

    /// Moves the value into another property type when it is an intrinsic function.
    ///
    /// Returns the literal as the error, because only CloudFormation can convert the resolved text.
    ///
    /// # Errors
    /// The literal itself.
    pub fn cast<U>(self) -> Result<Value<U>, T> {
        match self {
            Self::Literal(literal) => Err(literal),
            Self::Intrinsic(intrinsic) => Ok(Value::Intrinsic(intrinsic)),
        }
    }

    /// The literal, if it is one.
    #[must_use]
    pub fn literal(&self) -> Option<&T> {
        match self {
            Self::Literal(literal) => Some(literal),
            Self::Intrinsic(_) => None,
        }
    }
}

impl<T: Serialize> Value<T> {
    /// `Fn::If`: one of two values by a named condition of the template.
    #[must_use]
    pub fn if_condition(condition: &LogicalId, when_true: Value<T>, when_false: Value<T>) -> Self {
        Self::Intrinsic(Intrinsic::If {
            condition: condition.clone(),
            when_true: Box::new(to_json(&when_true)),
            when_false: Box::new(to_json(&when_false)),
        })
    }
}

impl Value<String> {
    /// `Fn::Join` of values with a literal delimiter.
    #[must_use]
    pub fn join(delimiter: &str, values: Vec<Value<String>>) -> Self {
        Self::Intrinsic(Intrinsic::Join { delimiter: delimiter.to_owned(), values })
    }

    /// `Fn::ImportValue` of another stack's export (a strong link: the export cannot be removed while imported).
    #[must_use]
    pub fn import(export_name: impl Into<Value<String>>) -> Self {
        Self::Intrinsic(Intrinsic::ImportValue(Box::new(export_name.into())))
    }
}

impl<T> From<T> for Value<T> {
    fn from(literal: T) -> Self {
        Self::Literal(literal)
    }
}

impl From<&str> for Value<String> {
    fn from(literal: &str) -> Self {
        Self::Literal(literal.to_owned())
    }
}

impl<T: Serialize> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(literal) => literal.serialize(serializer),
            Self::Intrinsic(intrinsic) => intrinsic.serialize(serializer),
        }
    }
}

/// An intrinsic function with its arguments.
///
/// Source: CloudFormation Template Reference, intrinsic functions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intrinsic {
    /// `Ref`: a parameter's value or a resource's main identifier.
    Ref(String),
    /// `Fn::GetAtt`: a return value of a resource.
    GetAtt {
        /// The resource.
        logical_id: LogicalId,
        /// The return value's name, as `Arn` or `Endpoint.Address`.
        attribute: String,
    },
    /// `Fn::Sub`: a text with `${...}` replaced.
    Sub {
        /// The text; `${!Literal}` is left as `${Literal}`.
        template: String,
        /// Values of names that are not logical IDs of the template.
        variables: BTreeMap<String, Value<String>>,
    },
    /// `Fn::Join`: values with a delimiter between them.
    Join {
        /// Put between the values; may be empty.
        delimiter: String,
        /// The values in order.
        values: Vec<Value<String>>,
    },
    /// `Fn::If`: one of two values.
    If {
        /// A condition of the template.
        condition: LogicalId,
        /// The value when it holds.
        when_true: Box<Json>,
        /// The value when it does not.
        when_false: Box<Json>,
    },
    /// `Fn::Select`: the element of a list at an index from 0.
    Select {
        /// Position from 0.
        index: u32,
        /// The list.
        values: Box<Value<Vec<Value<String>>>>,
    },
    /// `Fn::Split`: a list from a text.
    Split {
        /// Where to part the text.
        delimiter: String,
        /// The text.
        text: Box<Value<String>>,
    },
    /// `Fn::FindInMap`: a value of the template's mappings.
    FindInMap {
        /// The mapping's name.
        map: LogicalId,
        /// Its first key.
        top_level_key: Box<Value<String>>,
        /// Its second key.
        second_level_key: Box<Value<String>>,
    },
    /// `Fn::ImportValue`: another stack's export.
    ImportValue(Box<Value<String>>),
    /// `Fn::GetStackOutput`: another stack's output, exported or not.
    ///
    /// A weak link: resolved on create and update, and neither stack learns of later changes in the other.
    GetStackOutput {
        /// Name of the other stack.
        stack_name: Box<Value<String>>,
        /// Logical ID of its output.
        output_name: String,
        /// Its Region; this stack's when absent.
        region: Option<String>,
        /// Role with `cloudformation:DescribeStacks` in the other account; this stack's role when absent.
        role_arn: Option<String>,
    },
    /// Anything as it shall stand in the template: for functions that the model does not know, as a transform's.
    Raw(Json),
}

impl Intrinsic {
    fn to_json(&self) -> Json {
        let (name, arguments) = match self {
            Self::Raw(json) => return json.clone(),
            Self::Ref(name) => ("Ref", json!(name)),
            Self::GetAtt { logical_id, attribute } => ("Fn::GetAtt", json!([logical_id, attribute])),
            Self::Sub { template, variables } if variables.is_empty() => ("Fn::Sub", json!(template)),
            Self::Sub { template, variables } => ("Fn::Sub", json!([template, variables])),
            Self::Join { delimiter, values } => ("Fn::Join", json!([delimiter, values])),
            Self::If { condition, when_true, when_false } => {
                ("Fn::If", json!([condition, when_true, when_false]))
            }
            Self::Select { index, values } => ("Fn::Select", json!([index, values])),
            Self::Split { delimiter, text } => ("Fn::Split", json!([delimiter, text])),
            Self::FindInMap { map, top_level_key, second_level_key } => {
                ("Fn::FindInMap", json!([map, top_level_key, second_level_key]))
            }
            Self::ImportValue(export) => ("Fn::ImportValue", json!(export)),
            Self::GetStackOutput { stack_name, output_name, region, role_arn } => {
                let mut arguments = json!({"StackName": stack_name, "OutputName": output_name});
                let optional = [("Region", region), ("RoleArn", role_arn)];
                for (name, value) in optional.into_iter().filter_map(|(n, v)| v.as_ref().map(|v| (n, v))) {
                    arguments[name] = json!(value);
                }
                ("Fn::GetStackOutput", arguments)
            }
        };
        json!({ name: arguments })
    }
}

impl Serialize for Intrinsic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// A value that CloudFormation itself provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PseudoParameter {
    /// `AWS::AccountId`: 12 digits.
    AccountId,
    /// `AWS::NotificationARNs`: list of topic ARNs of the stack.
    NotificationArns,
    /// `AWS::NoValue`: removes the property.
    NoValue,
    /// `AWS::Partition`: `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`.
    Partition,
    /// `AWS::Region`, as `eu-central-1`.
    Region,
    /// `AWS::StackId`: the stack's ARN.
    StackId,
    /// `AWS::StackName`.
    StackName,
    /// `AWS::URLSuffix`, as `amazonaws.com`.
    UrlSuffix,
}

impl PseudoParameter {
    /// The name to `Ref`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::NotificationArns => "AWS::NotificationARNs",
            Self::NoValue => "AWS::NoValue",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::StackId => "AWS::StackId",
            Self::StackName => "AWS::StackName",
            Self::UrlSuffix => "AWS::URLSuffix",
        }
    }
}

/// What a named condition of the template tests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConditionExpression {
    /// `Fn::Equals`: two values are the same text.
    Equals(Value<String>, Value<String>),
    /// `Fn::And` of 2 to 10 conditions.
    And(Vec<ConditionExpression>),
    /// `Fn::Or` of 2 to 10 conditions.
    Or(Vec<ConditionExpression>),
    /// `Fn::Not`.
    Not(Box<ConditionExpression>),
    /// `Condition`: another condition of the template.
    Named(LogicalId),
}

impl Serialize for ConditionExpression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, arguments) = match self {
            Self::Equals(left, right) => ("Fn::Equals", json!([left, right])),
            Self::And(conditions) => ("Fn::And", json!(conditions)),
            Self::Or(conditions) => ("Fn::Or", json!(conditions)),
            Self::Not(condition) => ("Fn::Not", json!([condition])),
            Self::Named(id) => ("Condition", json!(id)),
        };
        json!({ name: arguments }).serialize(serializer)
    }
}

/// Serialises a model type; a failure, which no type of this crate can cause, would show as a JSON null.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Json {
    serde_json::to_value(value).unwrap_or(Json::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> LogicalId {
        LogicalId::new(text).unwrap()
    }

    fn text(value: Value<String>) -> Json {
        to_json(&value)
    }

    #[test]
    fn literal_serialises_as_itself() {
        assert_eq!(text("a".into()), json!("a"));
    }

    #[test]
    fn references_serialise_in_their_long_form() {
        assert_eq!(text(Value::reference(&id("Queue"))), json!({"Ref": "Queue"}));
        assert_eq!(text(Value::attribute(&id("Queue"), "Arn")), json!({"Fn::GetAtt": ["Queue", "Arn"]}));
        assert_eq!(text(Value::pseudo(PseudoParameter::Region)), json!({"Ref": "AWS::Region"}));
    }

    #[test]
    fn sub_without_variables_is_a_plain_text() {
        assert_eq!(text(Value::sub("${AWS::StackName}-x")), json!({"Fn::Sub": "${AWS::StackName}-x"}));
    }

    #[test]
    fn sub_with_variables_is_a_pair() {
        let value = Value::sub_with("${Name}", [("Name", Value::reference(&id("Queue")))]);
        assert_eq!(text(value), json!({"Fn::Sub": ["${Name}", {"Name": {"Ref": "Queue"}}]}));
    }

    #[test]
    fn if_takes_the_absent_branch_as_no_value() {
        let value = Value::if_condition(&id("IsProd"), "a".into(), Value::no_value());
        assert_eq!(text(value), json!({"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}));
    }

    #[test]
    fn stack_output_leaves_out_absent_arguments() {
        let value = Value::Intrinsic(Intrinsic::GetStackOutput {
            stack_name: Box::new("base".into()),
            output_name: "Url".to_owned(),
            region: Some("eu-west-1".to_owned()),
            role_arn: None,
        });
        let expected = json!({"StackName": "base", "OutputName": "Url", "Region": "eu-west-1"});
        assert_eq!(text(value), json!({ "Fn::GetStackOutput": expected }));
    }

    #[test]
    fn condition_expressions_nest() {
        let equals = ConditionExpression::Equals(Value::reference(&id("Stage")), "prod".into());
        let not = ConditionExpression::Not(Box::new(equals));
        let both = ConditionExpression::And(vec![not, ConditionExpression::Named(id("Other"))]);
        assert_eq!(
            to_json(&both),
            json!({"Fn::And": [{"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "prod"]}]}, {"Condition": "Other"}]})
        );
    }
}
