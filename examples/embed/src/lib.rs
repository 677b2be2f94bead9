//! The stack: an archive of orders, fed by the queue that another stack owns.

use pipectl_engine::package::crate_metadata;
use serde_json::json;
use stack_model::handle::Standard;
use stack_model::pipeline::{
    FunctionOptions, KeyAttribute, MessageOptions, Pipeline, PipelineName, PipelineOptions, QueueOptions,
    Redrive, TableOptions,
};
use stack_model::sqs::MaxReceiveCount;
use stack_model::stack::RawResource;
use stack_model::unit::Count;
use stack_model::{Intrinsic, LogicalId, Output, ResourceAttributes, Stack, Value};

/// Puts the stack together. `source` is the stack whose topic is told of each archive.
///
/// # Errors
/// A name or number that AWS does not take; they are all literals here.
pub fn stack(source: &str) -> Result<Stack, Box<dyn std::error::Error + Send + Sync>> {
    let options =
        PipelineOptions { description: "An archive of orders.".to_owned(), ..PipelineOptions::default() };
    let mut pipeline = Pipeline::new(PipelineName::new("archive")?, options);

    // One of pipectl's pipelines: a queue with its dead-letter queue, a function, a table.
    let failed = pipeline.queue::<Standard>("orders-dlq", QueueOptions::default());
    let redrive = Redrive { dead_letter_queue: failed, max_receive_count: MaxReceiveCount::new(Count(5))? };
    let orders = pipeline.queue("orders", QueueOptions { redrive: Some(redrive), ..QueueOptions::default() });
    let archive = pipeline.table("archive", TableOptions::new(KeyAttribute::string("id")));
    let writer = pipeline.function("writer", FunctionOptions::default());
    pipeline.environment(&writer, "TABLE_NAME", archive.table_name());
    pipeline.grant(&writer, archive.write());
    pipeline.on_message(&writer, &orders, MessageOptions::default());

    let stack = pipeline.stack_mut();
    // The crate it is built from, for `pipectl up --template` and for the engine.
    stack.override_resource(
        writer.id().clone(),
        json!({"Metadata": crate_metadata("writer", "message-writer")}),
    );
    // An override: anything that the pipeline decided can be decided otherwise.
    stack.override_resource(writer.id().clone(), json!({"Properties": {"RecursiveLoop": "Terminate"}}));
    // A resource of a type that the model does not know.
    stack.add_raw(
        LogicalId::new("OrdersQueueUrlParameter")?,
        RawResource {
            resource_type: "AWS::SSM::Parameter".to_owned(),
            properties: json!({"Type": "String", "Value": orders.url()}),
            attributes: ResourceAttributes::default(),
        },
    );
    // A value of another stack: no export, and neither stack blocks the other.
    let topic = Value::Intrinsic(Intrinsic::GetStackOutput {
        stack_name: Box::new(source.into()),
        output_name: "AlertsTopicArn".to_owned(),
        region: None,
        role_arn: None,
    });
    stack.output(
        LogicalId::new("SourceTopicArn")?,
        Output::new(topic).described("Topic of the source stack."),
    );
    Ok(pipeline.into_stack())
}

#[cfg(test)]
mod tests {
    use super::stack;

    #[test]
    fn stack_has_no_findings_and_holds_what_it_shows() {
        let stack = stack("ingest").expect("literals that AWS takes");
        // The only finding is the one that comes with a type the model does not know.
        let codes: Vec<&str> = stack.check().iter().map(|finding| finding.code.name).collect();
        assert!(codes.iter().all(|code| *code == "W2009"), "{codes:?}");
        let template = stack.template();
        let writer = template.resource("WriterFunction").expect("the function");
        assert_eq!(writer.property("RecursiveLoop").and_then(|value| value.as_str()), Some("Terminate"));
        assert!(template.resource("OrdersQueueUrlParameter").is_some());
        assert_eq!(
            template.to_json()["Outputs"]["SourceTopicArn"]["Value"]["Fn::GetStackOutput"]["StackName"],
            "ingest"
        );
    }

    #[test]
    fn template_names_the_crate_to_build() {
        let template = stack("ingest").expect("literals that AWS takes").template().to_json();
        let crates = pipectl_engine::package::function_crates(&template);
        assert_eq!(crates["WriterFunction"].crate_name, "message-writer");
    }
}
