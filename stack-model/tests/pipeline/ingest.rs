//! The pipeline under test: objects put into a bucket become records in a table, served by an HTTP API.

use std::collections::BTreeMap;

use serde_json::json;
use stack_model::Stack;
use stack_model::dynamodb::Projection;
use stack_model::grant::TableAction;
use stack_model::handle::{QueueKind, Standard};
use stack_model::lambda::Timeout;
use stack_model::pipeline::{
    ApiOptions, Authorization, BucketOptions, FunctionOptions, IndexOptions, KeyAttribute, MessageOptions,
    ObjectEvents, Pipeline, PipelineName, PipelineOptions, QueueOptions, Redrive, TableOptions, TopicOptions,
};
use stack_model::sqs::MaxReceiveCount;
use stack_model::unit::{Count, Seconds};

const ROUTES: [&str; 5] =
    ["POST /records", "GET /records", "GET /records/{id}", "PUT /records/{id}", "DELETE /records/{id}"];

/// The pipeline with queues of kind `K`.
pub(crate) fn ingest<K: QueueKind>() -> Stack {
    let options = PipelineOptions {
        description: "Objects put into a bucket become records in a table, served by an HTTP API.".to_owned(),
        ..PipelineOptions::default()
    };
    let mut pipeline = Pipeline::new(PipelineName::new("ingest").unwrap(), options);
    let uploads = pipeline.bucket("uploads", BucketOptions::default());
    let dead_letter_queue = pipeline.queue::<K>("messages-dlq", QueueOptions::default());
    let redrive = Redrive {
        dead_letter_queue: dead_letter_queue.clone(),
        max_receive_count: MaxReceiveCount::constant(Count(5)),
    };
    let messages =
        pipeline.queue("messages", QueueOptions { redrive: Some(redrive), ..QueueOptions::default() });
    let failures = pipeline.queue::<Standard>("extract-failures", QueueOptions::default());
    let records = pipeline.table("records", records());
    let alerts = pipeline.topic("alerts", TopicOptions::default());
    pipeline.notify_alarms(&alerts);

    let extract = pipeline.function(
        "object-extract",
        FunctionOptions {
            timeout: Timeout::constant(Seconds(300)),
            on_failure: Some(failures),
            ..FunctionOptions::default()
        },
    );
    pipeline.environment(&extract, "QUEUE_URL", messages.url());
    pipeline.grant(&extract, messages.send());
    pipeline.environment(&extract, "REJECT_QUEUE_URL", dead_letter_queue.url());
    pipeline.grant(&extract, dead_letter_queue.send());
    pipeline.on_object(&extract, &uploads, ObjectEvents::default());

    let writer = pipeline.function("message-writer", FunctionOptions::default());
    pipeline.environment(&writer, "TABLE_NAME", records.table_name());
    pipeline.grant(&writer, records.actions(&[TableAction::PutItem, TableAction::UpdateItem]));
    pipeline.on_message(&writer, &messages, MessageOptions::default());

    let api_function = pipeline.function("records-api", FunctionOptions::default());
    pipeline.environment(&api_function, "TABLE_NAME", records.table_name());
    pipeline.environment(&api_function, "SOURCE_INDEX", "by-source");
    pipeline.grant(&api_function, records.read_write());
    let api = pipeline.http_api("records", ApiOptions::default());
    for route in ROUTES {
        pipeline.route(&api, route, &api_function, Authorization::None);
    }
    let title =
        json!({"type": "text", "width": 24, "height": 1, "properties": {"markdown": "# ${AWS::StackName}"}});
    pipeline.dashboard("overview", json!({"widgets": [title]}));
    pipeline.into_stack()
}

fn records() -> TableOptions {
    let by_source = IndexOptions {
        partition_key: KeyAttribute::string("source"),
        sort_key: Some(KeyAttribute::string("id")),
        projection: Projection::All,
    };
    TableOptions {
        time_to_live: Some("expires_at".to_owned()),
        global_secondary_indexes: BTreeMap::from([("by-source".to_owned(), by_source)]),
        ..TableOptions::new(KeyAttribute::string("id"))
    }
}
