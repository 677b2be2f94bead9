//! What CloudFormation may make of a template before it deploys it: transforms, macros, loops and modules.
//!
//! None of them is carried out here, so a law must know what it cannot see.

use serde_json::Value as Json;

use super::graph::one_or_many;
use crate::template::{Template, TemplateResource};

/// How much of the deployed template the written one does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Expansion {
    /// Logical IDs may be referred to that are not written down.
    pub(crate) adds_names: bool,
    /// Resources may come that grant, watch or configure what is written down.
    pub(crate) adds_resources: bool,
    /// What is written down may be changed in any way.
    pub(crate) rewrites: bool,
}

impl Expansion {
    pub(crate) fn of(template: &Template) -> Self {
        let mut expansion = Self::default();
        let transforms = template.section("Transform").map(one_or_many).unwrap_or_default();
        let in_sections = ["Conditions", "Mappings", "Outputs", "Parameters", "Resources"];
        let entries = || in_sections.iter().flat_map(|section| template.entries(section));
        let in_sections = entries().filter(|(name, _)| *name == "Fn::Transform");
        let in_sections = in_sections.flat_map(|(_, json)| one_or_many(json));
        for transform in transforms.into_iter().chain(in_sections) {
            expansion.add_transform(name_of(transform));
        }
        let loops = || entries().any(|(name, _)| name.starts_with("Fn::ForEach::"));
        let has_modules = || template.resources().any(|it| is_module(it.resource_type()));
        if loops() || has_modules() || template.section("Modules").is_some() {
            expansion.adds_names |= loops();
            expansion.adds_resources = true;
        }
        // A connector gives a policy to the role of its source, which may be any resource.
        let connects = |it: TemplateResource<'_>| {
            it.attribute("Connectors").is_some() || it.resource_type() == "AWS::Serverless::Connector"
        };
        expansion.adds_resources |= template.resources().any(connects);
        expansion
    }

    fn add_transform(&mut self, name: Option<&str>) {
        match name {
            Some("AWS::LanguageExtensions") => {}
            // They add resources of their own to those that they are asked for.
            Some(name)
                if ["AWS::CodeDeploy", "AWS::SecretsManager-", "AWS::Serverless-"]
                    .iter()
                    .any(|known| name.starts_with(known)) =>
            {
                self.adds_names = true;
            }
            Some("AWS::Include") => {
                self.adds_names = true;
                self.adds_resources = true;
            }
            // A macro, or one that is not known here.
            Some(_) | None => *self = Self { adds_names: true, adds_resources: true, rewrites: true },
        }
    }
}

fn name_of(transform: &Json) -> Option<&str> {
    transform.as_str().or_else(|| transform["Name"].as_str())
}

/// Whether CloudFormation puts other resources in this one's place, so that its references are not those deployed.
pub(crate) fn is_replaced(resource: TemplateResource<'_>) -> bool {
    let resource_type = resource.resource_type();
    resource_type.starts_with("AWS::Serverless::") || is_module(resource_type)
}

/// Whether a type stands for several resources: a module of CloudFormation's registry, or a file that a packaging tool
/// puts in, which no type of CloudFormation is named like.
fn is_module(resource_type: &str) -> bool {
    resource_type.ends_with("::MODULE") || resource_type.contains(['/', '.'])
}

/// Whether a name may be that of a module of the template, or of a resource in one.
pub(crate) fn may_be_of_a_module(template: &Template, name: &str) -> bool {
    let modules = template.resources().filter(|it| is_module(it.resource_type()));
    let listed = template.entries("Modules").map(|(name, _)| name);
    modules.map(|it| it.logical_id).chain(listed).any(|module| name.starts_with(module))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(transform: Json, resources: Json) -> Expansion {
        let sections = json!({"Transform": transform, "Resources": resources});
        Expansion::of(&Template::from_json(sections).unwrap())
    }

    #[test]
    fn transforms_of_aws_leave_the_other_resources_alone_and_macros_nothing() {
        let none = Expansion::default();
        let names = Expansion { adds_names: true, ..none };
        let all = Expansion { adds_names: true, adds_resources: true, rewrites: true };
        assert_eq!(of(json!("AWS::LanguageExtensions"), json!({})), none);
        assert_eq!(of(json!(["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"]), json!({})), names);
        let include = json!({"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}});
        assert_eq!(of(include, json!({})), Expansion { adds_resources: true, ..names });
        assert_eq!(of(json!("Builder"), json!({})), all);
    }

    #[test]
    fn modules_and_connectors_bring_resources() {
        let with = |resource: Json| of(json!("AWS::LanguageExtensions"), json!({"R": resource}));
        let brings = Expansion { adds_resources: true, ..Expansion::default() };
        assert_eq!(with(json!({"Type": "My::Own::Thing::MODULE"})), brings);
        assert_eq!(with(json!({"Type": "../modules/network.yml"})), brings);
        assert_eq!(with(json!({"Type": "AWS::SQS::Queue", "Connectors": {}})), brings);
        assert_eq!(with(json!({"Type": "AWS::SQS::Queue"})), Expansion::default());
    }
}
