//! A CloudFormation template of any author, in JSON or YAML, with the places of what is found in it.

use serde_json::Value;
use stack_model::Template;
use stack_model::diagnostic as model;
use stack_model::law::check_template;

use crate::diagnostic::{Diagnostic, MALFORMED, MISSING_KEY, WRONG_TYPE};
use crate::property;
use crate::spec::allow::{self, Acknowledged};
use crate::spec::place::Place;
use crate::spec::reading::syntax;
use crate::spec::yaml::{self, Node, Yaml};

/// Holds a template to the laws of the stack model.
///
/// Returns what is found, in the order of the file, with what its metadata accept set apart; `None` when the
/// text is no template: only templates have `Resources`.
#[must_use]
pub fn examine(text: &str) -> Option<(Vec<Diagnostic>, Vec<Acknowledged>)> {
    let mut found = check(text)?;
    let (tree, _) = yaml::read(text);
    let (allowances, wrong) = tree.as_ref().map(allow::of_template).unwrap_or_default();
    let unused = allow::unused(&allowances, &found.iter().collect::<Vec<_>>());
    found.extend(wrong.into_iter().chain(unused));
    found.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    Some(allow::acknowledge(&allowances, found))
}

/// Holds a template to the laws of the stack model, whatever it accepts.
///
/// Returns what is found, in the order of the file; `None` when the text is no template.
#[must_use]
pub fn check(text: &str) -> Option<Vec<Diagnostic>> {
    let (tree, mistakes) = yaml::read_template(text);
    let tree = tree.filter(|tree| tree.entry("Resources").is_some())?;
    let mut found: Vec<Diagnostic> = mistakes.into_iter().map(syntax).collect();
    let mut json = tree.to_json();
    for (logical_id, fault) in faulty_resources(&tree) {
        // The others are looked at all the same.
        json["Resources"].as_object_mut().and_then(|resources| resources.remove(logical_id));
        found.push(fault);
    }
    match Template::from_json(json) {
        Ok(template) => {
            let laws = check_template(&template);
            let properties = property::check(&template);
            let all = laws.iter().chain(properties.iter().filter(|it| !property::is_told(it, &laws)));
            found.extend(all.map(|finding| locate(finding, &tree)));
        }
        Err(error) => found.push(Diagnostic {
            code: &MALFORMED,
            place: Some(tree.place),
            subject: String::new(),
            message: format!("{error}."),
            help: None,
        }),
    }
    found.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    Some(found)
}

/// Finds the resources that are none: without a type, or no mapping. A loop or a transform stands among them under
/// the name of its function.
fn faulty_resources(tree: &Node) -> Vec<(&str, Diagnostic)> {
    let resources = tree.entry("Resources").map_or(&[][..], |entry| entry.value.entries());
    let own = resources.iter().filter(|entry| !entry.key.starts_with("Fn::"));
    own.filter_map(|entry| {
        let subject = entry.key.clone();
        let fault = |code, place, message: String| {
            let help = Some("Give it a `Type` such as `AWS::SQS::Queue`.".to_owned());
            Some((
                entry.key.as_str(),
                Diagnostic { code, place: Some(place), subject: subject.clone(), message, help },
            ))
        };
        match (&entry.value.value, entry.value.entry("Type")) {
            (Yaml::Mapping(_), None) => {
                fault(&MISSING_KEY, entry.key_place, format!("Resource `{subject}` has no `Type`."))
            }
            (Yaml::Mapping(_), Some(named)) if !matches!(named.value.value, Yaml::String(_)) => {
                let found = named.value.type_name();
                fault(
                    &WRONG_TYPE,
                    named.value.place,
                    format!("The `Type` of resource `{subject}` is a {found}."),
                )
            }
            (Yaml::Mapping(_), Some(_)) => None,
            _ => {
                let found = entry.value.type_name();
                fault(
                    &WRONG_TYPE,
                    entry.value.place,
                    format!("Resource `{subject}` is a {found}, not a mapping."),
                )
            }
        }
    })
    .collect()
}

/// Reads the template that a stack was deployed from. Another tool may have written it in YAML;
/// a text that is not even that stays a text.
#[must_use]
pub fn as_sent(template: Value) -> Value {
    let Value::String(text) = &template else { return template };
    match yaml::read_template(text) {
        (Some(tree), mistakes) if !mistakes.iter().any(yaml::SyntaxMistake::is_error) => tree.to_json(),
        _ => template,
    }
}

fn locate(found: &model::Diagnostic, tree: &Node) -> Diagnostic {
    let logical_id = found.logical_id.as_ref().map(ToString::to_string);
    let subject: Vec<&str> = [logical_id.as_deref(), found.path.as_deref()].into_iter().flatten().collect();
    Diagnostic {
        code: found.code,
        place: Some(place(tree, logical_id.as_deref(), found.path.as_deref())),
        subject: subject.join("."),
        message: found.message.clone(),
        help: found.help.clone(),
    }
}

/// Finds a logical ID in the sections that have some, down to the property where it is there.
fn place(tree: &Node, logical_id: Option<&str>, path: Option<&str>) -> Place {
    let Some(logical_id) = logical_id else { return tree.place };
    let sections = ["Resources", "Parameters", "Conditions", "Outputs", "Mappings"];
    let holds =
        |section: &&str| tree.entry(section).is_some_and(|entry| entry.value.entry(logical_id).is_some());
    let Some(section) = sections.into_iter().find(holds) else { return tree.place };
    let steps = path.into_iter().flat_map(|path| path.split('.'));
    tree.place_of(&[section, logical_id].into_iter().chain(steps).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG_BATCH: &str = "\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      BatchSize: 100
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: worker
      FunctionResponseTypes: [ReportBatchItemFailures]
";

    #[test]
    fn finding_in_a_yaml_template_has_its_place() {
        let found = check(BIG_BATCH).expect("a template");
        let batch = found
            .iter()
            .find(|it| it.subject.starts_with("Mapping") && it.place.is_some_and(|it| it.line >= 4));
        assert!(batch.is_some(), "{found:?}");
    }

    #[test]
    fn spec_and_list_are_no_templates_and_one_with_a_list_is_malformed() {
        assert_eq!(check("name: one\nqueues: {}\n"), None);
        assert_eq!(check("[]"), None);
        assert_eq!(check("Resources: []").expect("a template").len(), 1);
    }

    #[test]
    fn template_of_another_tool_reads_as_if_it_were_sent_in_json() {
        let json = serde_json::json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}});
        assert_eq!(as_sent(Value::from("Resources: { Q: { Type: AWS::SQS::Queue } }")), json);
        assert_eq!(as_sent(json.clone()), json);
        assert_eq!(as_sent(Value::from("a: [")), Value::from("a: ["));
    }

    /// Code, line, column and message of everything that is found.
    fn told(text: &str) -> Vec<(&'static str, u64, u64, String)> {
        let found = check(text).expect("a template");
        let place =
            |it: &Diagnostic| it.place.map_or((0, 0), |place| (place.line as u64, place.column as u64));
        found.into_iter().map(|it| (it.code.name, place(&it).0, place(&it).1, it.message)).collect()
    }

    const CERTIFICATE: &str = "\
Conditions:
  IsProd: !Equals [!Ref AWS::StackName, prod]
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      EnableDnsSuport: true
  Shield:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: !If [IsProd, http, 443]
          CidrIp: 0.0.0.0/0
  Thing:
    Type: Org::Team::Thing
    Properties:
      Anything: goes
  Own:
    Type: Custom::Own
    Properties:
      ServiceToken: arn:aws:lambda:eu-west-1:111122223333:function:own
Outputs:
  Address:
    Value: !GetAtt Network.Adress
";

    #[test]
    fn properties_of_types_outside_the_model_are_judged_where_they_stand() {
        let expected = [
            ("E2021", 8, 24, "AWS::EC2::VPC has no property `EnableDnsSuport`.".to_owned()),
            (
                "E2022",
                15,
                34,
                "`SecurityGroupIngress.0.FromPort` of AWS::EC2::SecurityGroup takes a whole number, not a text: `\"http\"`.".to_owned(),
            ),
            ("E2005", 27, 5, "`Adress` is no return value of AWS::EC2::VPC.".to_owned()),
        ];
        assert_eq!(told(CERTIFICATE), expected);
    }

    #[test]
    fn macro_may_change_any_property_and_is_not_guessed_at() {
        assert_eq!(told(&format!("Transform: Own::Macro\n{CERTIFICATE}")), []);
    }

    #[test]
    fn code_on_disk_is_left_to_the_packager() {
        let with = |code: &str| {
            format!(
                "Resources: {{F: {{Type: 'AWS::Lambda::Function', Properties: {{Role: r, Code: {code}}}}}}}"
            )
        };
        let errors = |text: &str| told(text).into_iter().filter(|it| it.0 == "E2022").count();
        assert_eq!((errors(&with("./src")), errors(&with("[1]"))), (0, 1));
    }

    fn codes(text: &str) -> Vec<String> {
        let found = check(text).expect("a template");
        let place = |it: &Diagnostic| it.place.map(|it| it.to_string()).unwrap_or_default();
        found.iter().map(|it| format!("{} {}", place(it), it.code.name)).collect()
    }

    #[test]
    fn faulty_resource_has_its_place_and_does_not_hide_the_others() {
        let text = "Resources:\n  A: { Properties: {} }\n  B: 1\n  C: { Type: [x] }\n  D:\n    Type: AWS::SQS::Queue\n    \
                    Properties: { KmsMasterKeyId: !Ref Nowhere }\n";
        let found = codes(text);
        assert_eq!(found[..3], ["2:3 E1005", "3:6 E1003", "4:14 E1003"]);
        assert!(found[3..].iter().any(|it| it.ends_with("E2004")), "{found:?}");
    }

    #[test]
    fn loops_and_transforms_stand_among_resources() {
        let text = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Queues:\n    - Name\n    - [A, B]\n    \
                    - '${Name}Queue': { Type: AWS::SQS::Queue }\n  Fn::Transform: { Name: AWS::Include }\n";
        assert_eq!(codes(text), [""; 0]);
    }

    #[test]
    fn merge_key_of_a_template_is_a_warning_at_its_place() {
        let text = "Resources:\n  A: &a\n    Type: AWS::SNS::Topic\n  B:\n    <<: *a\n";
        assert_eq!(codes(text), ["5:5 W1066"]);
        assert_eq!(as_sent(Value::from(text))["Resources"]["B"]["Type"], "AWS::SNS::Topic");
    }

    #[test]
    fn truths_and_numbers_are_those_that_cloudformation_reads() {
        let text = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: { FifoQueue: yes, QueueName: 012345678901 }\n\
                    Parameters: { V: { Type: String, Default: 1.10 } }\n";
        let json = as_sent(Value::from(text));
        let queue = &json["Resources"]["Q"]["Properties"];
        assert_eq!(
            (&queue["FifoQueue"], &queue["QueueName"]),
            (&Value::from(true), &Value::from("012345678901"))
        );
        assert_eq!(json["Parameters"]["V"]["Default"], "1.10");
    }
}
