//! The stack: an archive of orders, fed by the queue that another stack owns.

use pipectl_engine::package::{FunctionCrate, crate_metadata};
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
    let built_from = FunctionCrate {
        function: "writer".to_owned(),
        crate_name: "message-writer".to_owned(),
        ..FunctionCrate::default()
    };
    stack.override_resource(writer.id().clone(), json!({"Metadata": crate_metadata(&built_from)}));
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
    use serde_json::json;
    use stack_model::Template;
    use stack_model::assertion::{
        Pattern, assert_granted, assert_has_output, assert_has_resource, assert_not_granted,
        assert_resource_is,
    };

    use super::stack;

    fn template() -> Template {
        stack("ingest").expect("literals that AWS takes").template()
    }

    #[test]
    fn only_finding_is_the_type_that_the_model_does_not_know() {
        let findings = stack("ingest").expect("literals that AWS takes").check();
        assert!(findings.iter().all(|finding| finding.code.name == "W2009"), "{findings:?}");
    }

    #[test]
    fn message_reaches_the_dead_letter_queue_after_five_attempts() {
        let redrive =
            json!({"deadLetterTargetArn": {"Fn::GetAtt": ["OrdersDlqQueue", "Arn"]}, "maxReceiveCount": 5});
        assert_has_resource(&template(), "AWS::SQS::Queue", json!({"RedrivePolicy": redrive}));
    }

    #[test]
    fn writer_may_write_to_its_table_and_neither_empty_nor_read_it() {
        let table = json!({"Fn::GetAtt": ["ArchiveTable", "Arn"]});
        assert_granted(&template(), "WriterFunction", "dynamodb:PutItem", &table);
        assert_not_granted(&template(), "WriterFunction", "dynamodb:Scan", &table);
        assert_not_granted(&template(), "WriterFunction", "dynamodb:DeleteTable", &table);
    }

    #[test]
    fn override_and_raw_resource_are_rendered() {
        assert_resource_is(
            &template(),
            "WriterFunction",
            json!({"Properties": {"RecursiveLoop": "Terminate"}}),
        );
        let url = Pattern::object([("Value", json!({"Ref": "OrdersQueue"}))]);
        assert_has_resource(&template(), "AWS::SSM::Parameter", url);
    }

    #[test]
    fn output_is_a_value_of_the_source_stack() {
        let source = json!({"Fn::GetStackOutput": {"StackName": "ingest", "OutputName": "AlertsTopicArn"}});
        assert_has_output(&template(), "SourceTopicArn", source);
    }

    #[test]
    fn template_names_the_crate_to_build() {
        let crates = pipectl_engine::package::function_crates(&template().to_json());
        assert_eq!(crates["WriterFunction"].crate_name, "message-writer");
    }
}
