//! Whatever leaf of whatever section differs, the comparison tells of something; a template and itself do not differ.

use std::collections::BTreeMap;

use fastrand::Rng;
use pipectl_engine::execute::preview_of_templates;
use serde_json::{Value, json};

/// Mutations of each template.
const MUTATIONS: usize = 170;

fn templates() -> Vec<Value> {
    let sections = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "all that a template can hold",
        "Metadata": {"AWS::CloudFormation::Interface": {"ParameterGroups": [{"Parameters": ["Stage"]}]}},
        "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
        "Parameters": {
            "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
            "Secret": {"Type": "String", "NoEcho": true, "Default": "changeme"},
            "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image"},
            "Names": {"Type": "CommaDelimitedList", "Default": "a,b"},
        },
        "Rules": {"Prod": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "Assertions": [{"Assert": {"Fn::Contains": [["a"], {"Ref": "Image"}]}, "AssertDescription": "x"}],
        }},
        "Mappings": {"Sizes": {"dev": {"Memory": 128}, "prod": {"Memory": 512}}, "Unused": {"a": {"b": ["c"]}}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsHere": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}]},
            "Never": {"Fn::Equals": ["a", "b"]},
        },
        "Hooks": {"Blue": {"Type": "AWS::CodeDeploy::BlueGreen", "Properties": {"ServiceRole": "r"}}},
        "Resources": {
            "Fn::ForEach::Topics": ["Name", {"Ref": "Names"}, {
                "Topic${Name}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "t-${Name}"}}}}],
            "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": ["Role"], "DeletionPolicy": "Retain",
                "Properties": {"DelaySeconds": {"Fn::If": ["IsHere", 1, 2]}, "Tags": [{"Key": "a", "Value": "b"}]}},
            "Off": {"Type": "AWS::SQS::Queue", "Condition": "Never", "Properties": {"DelaySeconds": 1}},
            "Maybe": {"Type": "AWS::DynamoDB::Table", "Condition": "IsHere", "Properties": {"TableName": "t"}},
            "Function": {"Type": "AWS::Lambda::Function", "Metadata": {"M": 1}, "Properties": {
                "MemorySize": {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]},
                "Environment": {"Variables": {"S": {"Ref": "Secret"}, "N": {"Fn::If": ["Never", "x", "y"]}}}}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}},
        },
        "Outputs": {
            "Url": {"Value": {"Ref": "Queue"}, "Description": "d", "Export": {"Name": "url"}},
            "Gone": {"Condition": "Never", "Value": "v"},
        },
    });
    let ingest = serde_json::from_str(include_str!("../golden/ingest.json")).unwrap();
    let feedback = serde_json::from_str(include_str!("../golden/feedback.json")).unwrap();
    vec![sections, ingest, feedback]
}

/// Lists the paths of all leaves.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    let below = |key: &str| format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(key, value)| leaves(value, &below(key), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| leaves(item, &format!("{path}/{index}"), found));
        }
        _ => found.push(path.to_owned()),
    }
}

/// Changes one leaf, takes it away, or puts another one beside it.
fn mutate(template: &mut Value, random: &mut Rng) -> String {
    let mut paths = Vec::new();
    leaves(template, "", &mut paths);
    let path = paths[random.usize(..paths.len())].clone();
    let (above, key) = path.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (random.u8(..3), template.pointer_mut(above)) {
        (0, Some(Value::Object(members))) => drop(members.remove(&key)),
        (0, Some(Value::Array(items))) => drop(items.remove(key.parse().unwrap())),
        (1, Some(Value::Object(members))) => drop(members.insert(format!("{key}More"), json!("new"))),
        (1, Some(Value::Array(items))) => items.push(json!("new")),
        _ => {
            let leaf = template.pointer_mut(&path).unwrap();
            *leaf = match leaf {
                Value::String(text) => Value::from(format!("{text}x")),
                Value::Number(number) => Value::from(number.as_i64().unwrap_or_default() + 1),
                Value::Bool(flag) => Value::from(!*flag),
                _ => json!("new"),
            };
        }
    }
    path
}

fn is_empty(before: &Value, after: &Value) -> bool {
    preview_of_templates("s", before, after, &BTreeMap::new()).is_empty()
}

#[test]
fn every_mutated_leaf_of_every_section_is_told() {
    let mut random = Rng::with_seed(11);
    for template in templates() {
        for _ in 0..MUTATIONS {
            let mut after = template.clone();
            let path = mutate(&mut after, &mut random);
            assert!(!is_empty(&template, &after), "{path}: {after}");
            assert!(!is_empty(&after, &template), "{path}, backwards: {after}");
        }
    }
}

#[test]
fn template_does_not_differ_from_itself_nor_from_its_copy_in_other_notation() {
    for template in templates() {
        assert!(is_empty(&template, &template));
        let again: Value = serde_json::from_str(&serde_json::to_string_pretty(&template).unwrap()).unwrap();
        assert!(is_empty(&template, &again));
    }
    let queue =
        |delay: Value| json!({"Resources": {"Q": {"Type": "T", "Properties": {"A": delay, "B": "true"}}}});
    assert!(is_empty(&queue(json!(5)), &queue(json!("5"))));
}
