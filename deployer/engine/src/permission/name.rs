//! Names of a stack's resources, as far as they are known before it is deployed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::permission::place::Place;

/// Characters of a stack's name that a generated name begins with at least.
///
/// CloudFormation generates `<stack>-<logical ID>-<random>` and shortens both to fit; of a role's 64
/// characters 13 are random, and each gets half of the rest.
const PREFIX: usize = 24;

/// Returns what the names of resources without a name of their own begin with, as a pattern.
pub(crate) fn generated(stack: &str, is_bucket: bool) -> String {
    let name = match stack.char_indices().nth(PREFIX) {
        Some((at, _)) => stack[..at].to_owned(),
        None => format!("{stack}-"),
    };
    // Names of buckets have no capitals.
    format!("{}*", if is_bucket { name.to_lowercase() } else { name })
}

/// Returns the patterns that a name's value may come to; `*` stands for what is not known.
pub(crate) fn patterns(value: &Value, stack: &str, place: &Place) -> BTreeSet<String> {
    match value {
        Value::String(text) => [substituted(text, stack, place)].into(),
        Value::Object(object) => match object.iter().next() {
            Some((function, argument)) if function == "Fn::Sub" => {
                let text = argument.as_str().or_else(|| argument.get(0).and_then(Value::as_str));
                text.map(|text| substituted(text, stack, place)).into_iter().collect()
            }
            Some((function, argument)) if function == "Ref" => {
                let name = argument.as_str().unwrap_or_default();
                if name == "AWS::NoValue" { BTreeSet::new() } else { [known(name, stack, place)].into() }
            }
            Some((function, argument)) if function == "Fn::If" => {
                let branches = argument.as_array().into_iter().flatten().skip(1);
                branches.flat_map(|branch| patterns(branch, stack, place)).collect()
            }
            _ => ["*".to_owned()].into(),
        },
        _ => BTreeSet::new(),
    }
}

fn known(name: &str, stack: &str, place: &Place) -> String {
    if name == "AWS::StackName" { stack.to_owned() } else { place.pseudo(name).unwrap_or("*").to_owned() }
}

fn substituted(text: &str, stack: &str, place: &Place) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        done.push_str(before);
        done.push_str(&known(name, stack, place));
        rest = behind;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generated_names_begin_with_the_stack() {
        assert_eq!(generated("ingest", false), "ingest-*");
        assert_eq!(generated("Ingest", true), "ingest-*");
        assert_eq!(generated("a-stack-with-a-very-long-name", false), "a-stack-with-a-very-long*");
    }

    #[test]
    fn value_comes_to_what_is_known_and_stars() {
        let place = Place::of("111122223333", "eu-west-1");
        let of = |value: Value| Vec::from_iter(patterns(&value, "s", &place));
        assert_eq!(of(json!({"Fn::Sub": "${AWS::StackName}-x-${AWS::Region}${End}"})), ["s-x-eu-west-1*"]);
        assert_eq!(of(json!({"Fn::If": ["C", {"Ref": "AWS::NoValue"}, "fixed"]})), ["fixed"]);
        assert_eq!(of(json!({"Fn::ImportValue": "x"})), ["*"]);
    }
}
