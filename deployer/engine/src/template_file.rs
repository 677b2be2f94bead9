//! A CloudFormation template of any author, in JSON or YAML, with the places of what is found in it.

use stack_model::Template;
use stack_model::diagnostic as model;
use stack_model::law::check_template;

use crate::diagnostic::{Diagnostic, MALFORMED};
use crate::spec::place::Place;
use crate::spec::reading::syntax;
use crate::spec::yaml::{self, Node};

/// Says whether a text is a template and not a spec: only templates have `Resources`.
#[must_use]
pub fn is_template(text: &str) -> bool {
    yaml::read(text).0.is_some_and(|tree| tree.entry("Resources").is_some())
}

/// Holds a template to the laws of the stack model.
///
/// Returns what is found, in the order of the file.
#[must_use]
pub fn check(text: &str) -> Vec<Diagnostic> {
    let (tree, mistakes) = yaml::read(text);
    let mut found: Vec<Diagnostic> = mistakes.into_iter().map(syntax).collect();
    let Some(tree) = tree else { return found };
    match Template::from_json(tree.to_json()) {
        Ok(template) => found.extend(check_template(&template).iter().map(|finding| locate(finding, &tree))),
        Err(error) => found.push(Diagnostic {
            code: &MALFORMED,
            place: Some(tree.place),
            subject: String::new(),
            message: format!("{error}."),
            help: None,
        }),
    }
    found.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    found
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
        assert!(is_template(BIG_BATCH));
        let found = check(BIG_BATCH);
        let batch = found
            .iter()
            .find(|it| it.subject.starts_with("Mapping") && it.place.is_some_and(|it| it.line >= 4));
        assert!(batch.is_some(), "{found:?}");
    }

    #[test]
    fn spec_is_no_template_and_a_list_is_malformed() {
        assert!(!is_template("name: one\nqueues: {}\n"));
        assert_eq!(check("[]").len(), 1);
    }
}
