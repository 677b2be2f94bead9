//! The policy of the key that encrypts a topic, when the stack itself made the key.

use serde_json::{Map, Value};

use crate::deployed::StackResource;

/// Alias of the key that AWS manages for SNS. Its policy cannot be changed, and lets no alarm in.
/// Source: CloudWatch user guide, "Notifying users on alarm changes".
pub(crate) const AWS_MANAGED: &str = "alias/aws/sns";

/// Finds the policy of a key, given as ID, ARN or alias, in the template that its stack was deployed
/// from. References to the account and the Region of `near`, an ARN, are resolved; the rest stays.
pub(crate) fn key_policy(
    key: &str,
    resources: &[StackResource],
    template: &Value,
    near: &str,
) -> Option<Value> {
    let logical_id = key_of(key, resources, template)?;
    let policy = template.get("Resources")?.get(logical_id)?.get("Properties")?.get("KeyPolicy")?;
    Some(resolved(policy, &Pseudo::of_arn(near)?))
}

fn key_of<'a>(key: &str, resources: &'a [StackResource], template: &'a Value) -> Option<&'a str> {
    let named = |kind: &str, id: &str| {
        let is_it = |it: &&StackResource| it.resource_type == kind && it.physical_id.as_deref() == Some(id);
        resources.iter().find(is_it).map(|it| it.logical_id.as_str())
    };
    if let Some(at) = key.find("alias/") {
        let alias = named("AWS::KMS::Alias", &key[at..])?;
        let target = template.get("Resources")?.get(alias)?.get("Properties")?.get("TargetKeyId")?;
        let attribute = target.get("Fn::GetAtt").and_then(|path| path.get(0));
        return target.get("Ref").or(attribute)?.as_str();
    }
    named("AWS::KMS::Key", key.rsplit('/').next()?)
}

/// Values of the pseudo parameters.
struct Pseudo<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
}

impl<'a> Pseudo<'a> {
    fn of_arn(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        Some(Self { partition: parts.get(1)?, region: parts.get(3)?, account: parts.get(4)? })
    }

    fn value(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::AccountId" => Some(self.account),
            "AWS::Partition" => Some(self.partition),
            "AWS::Region" => Some(self.region),
            _ => None,
        }
    }

    fn substituted(&self, text: &str) -> Option<String> {
        let names = ["AWS::AccountId", "AWS::Partition", "AWS::Region"];
        let text = names.iter().fold(text.to_owned(), |text, name| {
            text.replace(&format!("${{{name}}}"), self.value(name).unwrap_or_default())
        });
        (!text.contains("${")).then_some(text)
    }
}

fn resolved(value: &Value, pseudo: &Pseudo<'_>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| resolved(item, pseudo)).collect(),
        Value::Object(object) => function(object, pseudo).map_or_else(
            || object.iter().map(|(key, value)| (key.clone(), resolved(value, pseudo))).collect(),
            Value::String,
        ),
        other => other.clone(),
    }
}

fn function(object: &Map<String, Value>, pseudo: &Pseudo<'_>) -> Option<String> {
    match object.iter().next() {
        Some((function, argument)) if object.len() == 1 && function == "Ref" => {
            pseudo.value(argument.as_str()?).map(str::to_owned)
        }
        Some((function, argument)) if object.len() == 1 && function == "Fn::Sub" => {
            pseudo.substituted(argument.as_str()?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::status::ResourceStatus;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    fn resource(logical_id: &str, resource_type: &str, physical_id: &str) -> StackResource {
        StackResource {
            logical_id: logical_id.to_owned(),
            physical_id: Some(physical_id.to_owned()),
            resource_type: resource_type.to_owned(),
            status: ResourceStatus::from_aws("CREATE_COMPLETE"),
        }
    }

    #[test]
    fn key_is_found_by_id_arn_and_alias_and_its_policy_names_the_account() {
        let template = json!({"Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": {
                "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                "Resource": {"Fn::Sub": "arn:${AWS::Partition}:x:${Other}"},
            }}}},
            "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}},
        }});
        let resources =
            [resource("Key", "AWS::KMS::Key", "1234"), resource("Alias", "AWS::KMS::Alias", "alias/alerts")];
        for key in ["1234", "arn:aws:kms:eu-west-1:111122223333:key/1234", "alias/alerts"] {
            let policy = key_policy(key, &resources, &template, TOPIC).expect(key);
            let statement = &policy["Statement"];
            assert_eq!(statement["Condition"]["StringEquals"]["aws:SourceAccount"], "111122223333");
            assert_eq!(statement["Resource"]["Fn::Sub"], "arn:${AWS::Partition}:x:${Other}");
        }
        assert_eq!(key_policy("5678", &resources, &template, TOPIC), None);
    }
}
