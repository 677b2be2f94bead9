//! The model's resource types beside AWS's schemas: names, what is required, what an update does, return values.

use pipectl_resource_types::{UpdateBehavior as Schema, resource_type};
use stack_model::resource::{ResourceType, UpdateBehavior as Model, resource_types};

/// Every point in which a type of the model and its schema disagree.
fn disagreements(model: &ResourceType) -> Vec<String> {
    let name = model.name;
    let Some(schema) = resource_type(name) else { return vec![format!("{name} has no schema")] };
    let mut found = Vec::new();
    for property in model.properties {
        let path = format!("{name}.{}", property.name);
        let Some(member) = schema.property(property.name) else {
            found.push(format!("{path} has no schema"));
            continue;
        };
        if property.required != member.is_required {
            found.push(format!(
                "{path} is required: {}, by the schema {}",
                property.required, member.is_required
            ));
        }
        let behavior = schema.update_behavior(property.name);
        let agrees = match property.update {
            Model::Replacement => behavior == Schema::Replacement,
            Model::NoInterruption | Model::SomeInterruption => behavior == Schema::NoReplacement,
            _ => behavior != Schema::Unknown,
        };
        if !agrees {
            found.push(format!("{path} {:?}, by the schema {behavior:?}", property.update));
        }
    }
    let strange = model.attributes.iter().filter(|it| !schema.has_attribute(it));
    found.extend(strange.map(|it| format!("{name} has no return value {it} by the schema")));
    if model.stateful != schema.is_stateful() {
        found.push(format!("{name} is stateful: {}, by the schema {}", model.stateful, schema.is_stateful()));
    }
    found
}

#[test]
fn model_repeats_the_schemas() {
    let found: Vec<String> = resource_types().flat_map(disagreements).collect();
    assert_eq!(found, Vec::<String>::new());
}
