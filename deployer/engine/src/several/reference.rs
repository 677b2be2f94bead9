//! Which stack uses a value of which other, told from their templates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A stack among several.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Stack name.
    pub stack: &'a str,
    /// Its template.
    pub template: &'a Value,
    /// Parameter values that are given for it.
    pub parameters: &'a BTreeMap<String, String>,
}

/// Finds for each stack the others whose exports (`Fn::ImportValue`) or outputs (`Fn::GetStackOutput`) it
/// uses.
///
/// What comes from a stack that is not among the members is no matter of their order. A name is compared
/// after the parameters and `AWS::StackName` are put in; other pseudo parameters are the same for all
/// members, which are deployed to one account and Region. A name that is made in any other way (a
/// mapping, an attribute) is not understood and makes no dependency.
#[must_use]
pub fn dependencies(members: &[Member<'_>]) -> BTreeMap<String, BTreeSet<String>> {
    let mut exporters: BTreeMap<String, &str> = BTreeMap::new();
    for member in members {
        for export in exports(member) {
            exporters.entry(export).or_insert(member.stack);
        }
    }
    let names: BTreeSet<&str> = members.iter().map(|member| member.stack).collect();
    let uses = members.iter().map(|member| {
        let mut used = Used::default();
        collect(member, member.template, &mut used);
        let by_export = used.exports.iter().filter_map(|export| exporters.get(export).copied());
        let by_output = used.stacks.iter().map(String::as_str).filter(|stack| names.contains(stack));
        let others = by_export.chain(by_output).filter(|stack| *stack != member.stack);
        (member.stack.to_owned(), others.map(str::to_owned).collect())
    });
    uses.collect()
}

/// Names that a template uses.
#[derive(Default)]
struct Used {
    exports: BTreeSet<String>,
    stacks: BTreeSet<String>,
}

fn exports<'a>(member: &'a Member<'_>) -> impl Iterator<Item = String> + 'a {
    let outputs = member.template.get("Outputs").and_then(Value::as_object).into_iter().flatten();
    outputs.filter_map(|(_, output)| text(member, output.pointer("/Export/Name")?))
}

fn collect(member: &Member<'_>, value: &Value, used: &mut Used) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(member, item, used)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match key.as_str() {
                    "Fn::ImportValue" => used.exports.extend(text(member, value)),
                    "Fn::GetStackOutput" => used.stacks.extend(stack_of_output(member, value)),
                    _ => {}
                }
                collect(member, value, used);
            }
        }
        _ => {}
    }
}

/// The short form of YAML is `StackName.OutputName`; a stack's name has no dot. An output of another
/// Region or account is no matter of the order here.
fn stack_of_output(member: &Member<'_>, value: &Value) -> Option<String> {
    let name = match value {
        Value::String(short) => return Some(short.split('.').next()?.to_owned()),
        Value::Array(parts) => parts.first()?,
        Value::Object(fields) if !fields.contains_key("Region") && !fields.contains_key("RoleArn") => {
            fields.get("StackName")?
        }
        _ => return None,
    };
    let name = text(member, name)?;
    // The ID of a stack names it, too.
    Some(name.split(":stack/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(&name).to_owned())
}

/// Works a name out as far as parameters and the stack's name tell it; other pseudo parameters stay.
fn text(member: &Member<'_>, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(function) if function.len() == 1 => {
            let (name, argument) = function.iter().next()?;
            match name.as_str() {
                "Ref" => named(member, argument.as_str()?),
                "Fn::Sub" => substituted(member, argument),
                "Fn::Join" => joined(member, argument),
                _ => None,
            }
        }
        _ => None,
    }
}

fn named(member: &Member<'_>, name: &str) -> Option<String> {
    match name {
        "AWS::StackName" => Some(member.stack.to_owned()),
        name if name.starts_with("AWS::") => Some(format!("${{{name}}}")),
        name => {
            let default = || {
                let default = member.template.get("Parameters")?.get(name)?.get("Default")?;
                Some(default.as_str().map_or_else(|| default.to_string(), str::to_owned))
            };
            member.parameters.get(name).cloned().or_else(default)
        }
    }
}

fn substituted(member: &Member<'_>, argument: &Value) -> Option<String> {
    let (pattern, own) = match argument {
        Value::String(pattern) => (pattern.as_str(), None),
        Value::Array(parts) => (parts.first()?.as_str()?, parts.get(1)),
        _ => return None,
    };
    let mut result = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        result.push_str(before);
        let value = match own.and_then(|own| own.get(name)) {
            Some(own) => text(member, own)?,
            None => named(member, name)?,
        };
        result.push_str(&value);
        rest = after;
    }
    result.push_str(rest);
    Some(result)
}

fn joined(member: &Member<'_>, argument: &Value) -> Option<String> {
    let separator = argument.get(0)?.as_str()?;
    let parts = argument.get(1)?.as_array()?;
    let parts: Option<Vec<String>> = parts.iter().map(|part| text(member, part)).collect();
    Some(parts?.join(separator))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exporting(name: &Value) -> Value {
        json!({"Outputs": {"Arn": {"Value": "x", "Export": {"Name": name}}}})
    }

    fn using(value: &Value) -> Value {
        json!({"Resources": {"Q": {"Properties": {"Deep": [{"Name": value}]}}}})
    }

    /// What `b` depends on, beside `a`.
    fn of_second(first: &Value, second: &Value) -> Vec<String> {
        let none = BTreeMap::new();
        let member = |stack, template| Member { stack, template, parameters: &none };
        let mut found = dependencies(&[member("a", first), member("b", second)]);
        found.remove("b").unwrap().into_iter().collect()
    }

    #[test]
    fn imported_export_is_a_dependency() {
        let import = using(&json!({"Fn::ImportValue": "a-arn"}));
        assert_eq!(of_second(&exporting(&json!({"Fn::Sub": "${AWS::StackName}-arn"})), &import), ["a"]);
        assert_eq!(of_second(&exporting(&json!("other")), &import), Vec::<String>::new());
    }

    #[test]
    fn names_with_the_same_pseudo_parameter_meet() {
        let name = json!({"Fn::Join": ["-", [{"Ref": "AWS::Region"}, "arn"]]});
        let import = using(&json!({"Fn::ImportValue": {"Fn::Sub": "${AWS::Region}-arn"}}));
        assert_eq!(of_second(&exporting(&name), &import), ["a"]);
    }

    #[test]
    fn name_by_the_default_of_a_parameter_is_understood() {
        let mut import = using(&json!({"Fn::ImportValue": {"Fn::Sub": "${Source}-arn"}}));
        import["Parameters"] = json!({"Source": {"Type": "String", "Default": "a"}});
        assert_eq!(of_second(&exporting(&json!("a-arn")), &import), ["a"]);
    }

    #[test]
    fn output_of_another_stack_is_a_dependency_in_every_form() {
        for form in [
            json!({"StackName": "a", "OutputName": "Arn"}),
            json!({"StackName": "arn:aws:cloudformation:eu-west-1:1:stack/a/4f1b", "OutputName": "Arn"}),
            json!(["a", "Arn"]),
            json!("a.Arn"),
        ] {
            let output = using(&json!({"Fn::GetStackOutput": form}));
            assert_eq!(of_second(&json!({}), &output), ["a"], "{form}");
        }
    }

    #[test]
    fn output_in_another_region_or_of_a_stranger_is_none() {
        for form in [
            json!({"StackName": "a", "OutputName": "Arn", "Region": "eu-west-1"}),
            json!({"StackName": "stranger", "OutputName": "Arn"}),
            json!({"StackName": "b", "OutputName": "Arn"}),
        ] {
            let output = using(&json!({"Fn::GetStackOutput": form}));
            assert!(of_second(&json!({}), &output).is_empty(), "{form}");
        }
    }
}
