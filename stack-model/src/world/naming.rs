//! Which resources of a type name which others, sorted out once: laws ask it of every resource.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::graph::{Answer, Found, Graph, find, one_or_many, physical_name};
use crate::template::TemplateResource;

/// How resources of a type name others.
pub(crate) struct Naming {
    /// Also the key under which the answers are kept: one way of naming for each type.
    pub(crate) resource_type: &'static str,
    /// Properties that hold one target or a list of them.
    pub(crate) paths: &'static [&'static str],
    /// What a property that is absent says, `No` or `Unknown`.
    pub(crate) absent: Answer,
    /// What a property behind a function that is not resolved says, `No` or `Unknown`.
    pub(crate) unresolved: Answer,
    /// Whether targets are functions, also through an alias or a version.
    pub(crate) is_function: bool,
    pub(crate) text: Text,
}

/// What a text says that names no resource of the template by an ARN.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// It may name any resource with a physical name of the author's; a generated name cannot be written down
    /// beforehand.
    MayNameAny,
    /// It is a physical name.
    IsName,
}

/// The permissions of functions.
pub(crate) const PERMISSION: Naming = of_function("AWS::Lambda::Permission");

/// How functions are invoked asynchronously.
pub(crate) const INVOKE_CONFIG: Naming = of_function("AWS::Lambda::EventInvokeConfig");

/// Policies that stand beside the roles that they are attached to, in the order in which they are read.
pub(crate) const ROLE_POLICIES: [Naming; 3] =
    [of_role("AWS::IAM::Policy"), of_role("AWS::IAM::ManagedPolicy"), of_role("AWS::IAM::RolePolicy")];

const fn of_function(resource_type: &'static str) -> Naming {
    Naming {
        resource_type,
        paths: &["FunctionName"],
        absent: Answer::No,
        unresolved: Answer::No,
        is_function: true,
        text: Text::MayNameAny,
    }
}

const fn of_role(resource_type: &'static str) -> Naming {
    Naming {
        resource_type,
        paths: &["Roles", "RoleName"],
        absent: Answer::No,
        unresolved: Answer::Unknown,
        is_function: false,
        text: Text::IsName,
    }
}

/// A type of resource policy and the property that lists what it is about.
pub(crate) const fn of_resource(resource_type: &'static str, paths: &'static [&'static str]) -> Naming {
    Naming {
        resource_type,
        paths,
        absent: Answer::Unknown,
        unresolved: Answer::Unknown,
        is_function: false,
        text: Text::MayNameAny,
    }
}

/// The resources of one type, as positions among them, by what they name.
#[derive(Default)]
pub(super) struct Index {
    by_logical_id: BTreeMap<String, Vec<usize>>,
    by_text: BTreeMap<String, Vec<usize>>,
    /// Those that may name anything.
    vague: Vec<usize>,
}

impl Index {
    pub(super) fn new(graph: &Graph, naming: &Naming) -> Self {
        let mut index = Self::default();
        for (position, resource) in graph.of_type(naming.resource_type).enumerate() {
            for path in naming.paths {
                match find(resource, path) {
                    Found::Absent => index.add_vague(position, naming.absent),
                    Found::Unknown => index.add_vague(position, naming.unresolved),
                    Found::Value(targets) => {
                        let each = one_or_many(targets).into_iter();
                        each.for_each(|target| index.add(graph, naming, position, target));
                    }
                }
            }
        }
        index
    }

    fn add(&mut self, graph: &Graph, naming: &Naming, position: usize, target: &Json) {
        let named = if naming.is_function { graph.function_named(target) } else { graph.named(target) };
        match (named, target.as_str()) {
            (Some(named), _) => {
                self.by_logical_id.entry(named.logical_id.to_owned()).or_default().push(position);
            }
            (None, Some(text)) => self.by_text.entry(text.to_owned()).or_default().push(position),
            (None, None) => self.vague.push(position),
        }
    }

    fn add_vague(&mut self, position: usize, answer: Answer) {
        if answer != Answer::No {
            self.vague.push(position);
        }
    }

    /// Positions with `Yes` or `Unknown`.
    fn positions(&self, text: Text, target: TemplateResource<'_>) -> BTreeMap<usize, Answer> {
        let mut found = BTreeMap::new();
        let mut add = |positions: &[usize], answer| {
            found.extend(positions.iter().map(|position| (*position, answer)));
        };
        add(&self.vague, Answer::Unknown);
        match (text, physical_name(target)) {
            (_, None) => {}
            (Text::MayNameAny, Some(_)) => {
                self.by_text.values().for_each(|positions| add(positions, Answer::Unknown));
            }
            (Text::IsName, Some(name)) => {
                add(self.by_text.get(&name).map(Vec::as_slice).unwrap_or_default(), Answer::Yes);
            }
        }
        let own = self.by_logical_id.get(target.logical_id);
        add(own.map(Vec::as_slice).unwrap_or_default(), Answer::Yes);
        found
    }
}

impl Graph {
    /// The resources that name the target, or may name it, in order of logical ID.
    pub(crate) fn naming<'a>(
        &'a self,
        naming: &'static Naming,
        target: TemplateResource<'_>,
    ) -> impl Iterator<Item = (TemplateResource<'a>, Answer)> {
        let positions = self.index(naming).positions(naming.text, target);
        positions.into_iter().filter_map(|(position, answer)| {
            Some((self.nth_of_type(naming.resource_type, position)?, answer))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::template::Template;

    fn graph(function_name: Json, permissions: Json) -> Graph {
        let mut resources = permissions;
        resources["F"] =
            json!({"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": function_name}});
        Graph::new(Template::from_json(json!({ "Resources": resources })).unwrap())
    }

    fn permission(function: Json) -> Json {
        json!({"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": function}})
    }

    fn named(graph: &Graph) -> Vec<(&str, Answer)> {
        let function = graph.resource("F").unwrap();
        graph.naming(&PERMISSION, function).map(|(it, answer)| (it.logical_id, answer)).collect()
    }

    #[test]
    fn those_that_name_it_and_those_that_may_come_in_order_of_logical_id() {
        let permissions = json!({
            "C": permission(json!({"Ref": "F"})),
            "B": permission(json!({"Ref": "C"})),
            "A": permission(json!({"Fn::ImportValue": "x"})),
        });
        let graph = graph(json!("f"), permissions);
        let expected = [("A", Answer::Unknown), ("B", Answer::Unknown), ("C", Answer::Yes)];
        assert_eq!(named(&graph), expected);
    }

    #[test]
    fn text_may_name_only_a_resource_whose_name_the_author_chose() {
        let permissions = || json!({"P": permission(json!("arn:aws:lambda:r:1:function:g"))});
        assert_eq!(named(&graph(json!("f"), permissions())), [("P", Answer::Unknown)]);
        assert_eq!(named(&graph(Json::Null, permissions())), []);
    }
}
