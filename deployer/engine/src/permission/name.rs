//! Names of a stack's resources, as far as they are known before it is deployed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::permission::place::Place;

/// Characters of a role's or a function's name, the shortest that CloudFormation generates.
const SHORTEST_LIMIT: usize = 63;

/// Random characters at the end of a generated name, with the hyphen before them.
const RANDOM: usize = 13;

/// Characters of a stack's name that a shortened name begins with at least: of what the random end leaves, stack
/// and logical ID get half each.
const PREFIX: usize = 24;

/// Returns what CloudFormation makes of stack and logical ID, `<stack>-<logical ID>-<random>`, as a pattern. Where
/// that is too long for a name, CloudFormation shortens both parts, and no more than the stack's beginning is sure.
pub(crate) fn generated(stack: &str, logical_id: &str, is_bucket: bool) -> String {
    let whole = format!("{stack}-{logical_id}-");
    let is_whole = whole.chars().count() + RANDOM - 1 <= SHORTEST_LIMIT;
    let beginning = if is_whole { whole } else { beginning(stack) };
    // Names of buckets have no capitals.
    format!("{}*", if is_bucket { beginning.to_lowercase() } else { beginning })
}

/// What every generated name of a stack begins with.
fn beginning(stack: &str) -> String {
    match stack.char_indices().nth(PREFIX) {
        Some((at, _)) => stack[..at].to_owned(),
        None => format!("{stack}-"),
    }
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
                if name == "AWS::NoValue" {
                    BTreeSet::new()
                } else {
                    [known(name, stack, place).to_owned()].into()
                }
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

/// Returns what a name comes to: a pseudo parameter's value, or anything.
pub(crate) fn known<'a>(name: &str, stack: &'a str, place: &'a Place) -> &'a str {
    if name == "AWS::StackName" { stack } else { place.pseudo(name).unwrap_or("*") }
}

fn substituted(text: &str, stack: &str, place: &Place) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        done.push_str(before);
        done.push_str(known(name, stack, place));
        rest = behind;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generated_name_is_known_but_for_its_random_end() {
        assert_eq!(generated("ingest", "WriterRole", false), "ingest-WriterRole-*");
        assert_eq!(generated("Ingest", "Uploads", true), "ingest-uploads-*");
        let longest = "a".repeat(SHORTEST_LIMIT - RANDOM - "-Role".len());
        assert_eq!(generated(&longest, "Role", false), format!("{longest}-Role-*"));
    }

    #[test]
    fn generated_name_that_is_too_long_begins_with_the_stack() {
        let too_long = "a".repeat(SHORTEST_LIMIT - RANDOM - "-Role".len() + 1);
        assert_eq!(generated(&too_long, "Role", false), format!("{}*", "a".repeat(PREFIX)));
        assert_eq!(generated("shop", &"R".repeat(60), false), "shop-*");
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
