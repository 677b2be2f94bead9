//! A pipeline that sets what the ingest pipeline leaves at its default.

use std::collections::BTreeMap;

use stack_model::apigatewayv2::{Cors, MaxAge};
use stack_model::cloudwatch::{Statistic, Threshold};
use stack_model::dynamodb::StreamViewType;
use stack_model::handle::{ApiHandle, Fifo, FunctionHandle, Standard, TopicHandle};
use stack_model::lambda::{
    Architecture, BatchSize, EphemeralStorageSize, MaximumBatchingWindow, MaximumConcurrency,
    MaximumRetryAttempts, MemorySize, ReservedConcurrentExecutions, TracingMode,
};
use stack_model::logs::Retention;
use stack_model::pipeline::{
    AccessLog, AlarmOptions, ApiOptions, Authorization, BucketOptions, FunctionOptions, JwtAuthorizer,
    KeyAttribute, MessageOptions, ObjectEvents, Pipeline, PipelineName, PipelineOptions, QueueOptions,
    TableOptions, Throttling, TopicOptions, TopicSubscription,
};
use stack_model::s3::ObjectEvent;
use stack_model::sns::Protocol;
use stack_model::unit::{Count, Days, Megabytes, PerSecond, Seconds};
use stack_model::{LogicalId, Parameter, RetentionPolicy, Stack, Value};

/// The pipeline.
pub(crate) fn orders() -> Stack {
    let mut pipeline = Pipeline::new(PipelineName::new("orders-prod").unwrap(), options());
    let key: Value<String> = pipeline
        .stack_mut()
        .parameter(LogicalId::new("KeyArn").unwrap(), Parameter::text("Key for all at rest."));
    let alerts = pipeline.topic("alerts", alerts());
    let worker = pipeline.function("order-worker", worker());
    wire_objects(&mut pipeline, &key);
    wire_messages(&mut pipeline, &worker, &key);
    wire_topics(&mut pipeline, &worker);
    let api = wire_api(&mut pipeline, &worker);
    pipeline.alarm("slow-orders", slow(&api, &alerts));
    pipeline.into_stack()
}

fn options() -> PipelineOptions {
    PipelineOptions {
        log_retention: Retention::new(Days(90)).unwrap(),
        tracing: TracingMode::PassThrough,
        architecture: Architecture::X86_64,
        retention_policy: RetentionPolicy::Delete,
        tags: BTreeMap::from([("team".to_owned(), "orders".to_owned())]),
        ..PipelineOptions::default()
    }
}

fn alerts() -> TopicOptions {
    let mail = TopicSubscription { protocol: Protocol::Email, endpoint: "ops@example.com".into() };
    TopicOptions {
        display_name: Some("Orders".to_owned()),
        subscriptions: vec![mail],
        ..TopicOptions::default()
    }
}

fn worker() -> FunctionOptions {
    FunctionOptions {
        description: Some("Works on orders.".to_owned()),
        memory_size: MemorySize::constant(Megabytes(1_769)),
        ephemeral_storage: Some(EphemeralStorageSize::constant(Megabytes(1_024))),
        reserved_concurrent_executions: Some(ReservedConcurrentExecutions::constant(Count(20))),
        maximum_retry_attempts: Some(MaximumRetryAttempts::constant(Count(0))),
        tracing: Some(TracingMode::Active),
        ..FunctionOptions::default()
    }
}

fn wire_objects(pipeline: &mut Pipeline, key: &Value<String>) {
    let options = BucketOptions {
        versioning: false,
        expiration: Some(Days(365)),
        kms_key: Some(key.clone()),
        retention_policy: Some(RetentionPolicy::Retain),
        ..BucketOptions::default()
    };
    let invoices = pipeline.bucket("invoices", options);
    let arrivals = pipeline.queue::<Standard>("arrivals", QueueOptions::default());
    let events = ObjectEvents {
        events: vec![ObjectEvent::ObjectCreatedPut, ObjectEvent::ObjectRemoved],
        prefix: Some("in/".to_owned()),
        suffix: Some(".pdf".to_owned()),
    };
    pipeline.on_object_to_queue(&arrivals, &invoices, events);
}

fn wire_messages(pipeline: &mut Pipeline, worker: &FunctionHandle, key: &Value<String>) {
    let options = QueueOptions { kms_key: Some(key.clone()), ..QueueOptions::default() };
    let bulk = pipeline.queue::<Standard>("bulk", options);
    let message_options = MessageOptions {
        batch_size: BatchSize::constant(Count(500)),
        batching_window: MaximumBatchingWindow::constant(Seconds(5)),
        maximum_concurrency: Some(MaximumConcurrency::constant(Count(10))),
        enabled: false,
        filters: vec![r#"{"body":{"kind":["order"]}}"#.to_owned()],
    };
    pipeline.on_message(worker, &bulk, message_options);
    let options = TableOptions {
        sort_key: Some(KeyAttribute::number("line")),
        stream: Some(StreamViewType::NewAndOldImages),
        point_in_time_recovery: false,
        deletion_protection: true,
        kms_key: Some(key.clone()),
        ..TableOptions::new(KeyAttribute::string("order"))
    };
    let lines = pipeline.table("lines", options);
    pipeline.grant(worker, lines.read_write());
}

fn wire_topics(pipeline: &mut Pipeline, worker: &FunctionHandle) {
    let topic = pipeline.topic("changes", TopicOptions { fifo: true, ..TopicOptions::default() });
    let copies = pipeline.queue::<Fifo>("copies", QueueOptions::default());
    pipeline.subscribe_queue(&topic, &copies);
    let news = pipeline.topic("news", TopicOptions::default());
    let failures = pipeline.queue::<Standard>("news-failures", QueueOptions::default());
    let options = FunctionOptions { on_failure: Some(failures), ..FunctionOptions::default() };
    let reader = pipeline.function("news-reader", options);
    pipeline.subscribe_function(&news, &reader);
    pipeline.grant(&reader, worker.invoke());
    pipeline.grant(worker, news.publish().and(topic.publish()));
}

fn wire_api(pipeline: &mut Pipeline, worker: &FunctionHandle) -> ApiHandle {
    let people = JwtAuthorizer { issuer: "https://id.example.com".into(), audience: vec!["orders".into()] };
    let cors = Cors {
        allow_origins: Some(vec!["https://orders.example.com".into()]),
        allow_methods: Some(vec!["GET".into()]),
        max_age: Some(MaxAge::constant(Seconds(600)).into()),
        ..Cors::default()
    };
    let options = ApiOptions {
        description: Some("Orders.".to_owned()),
        cors: Some(cors),
        throttling: Throttling { rate_limit: PerSecond(5), burst_limit: Count(10) },
        access_log: AccessLog::Off,
        authorizers: BTreeMap::from([("people".to_owned(), people)]),
    };
    let api = pipeline.http_api("orders", options);
    let jwt = Authorization::Jwt { authorizer: "people".to_owned(), scopes: vec!["orders.read".to_owned()] };
    pipeline.route(&api, "GET /orders/{id}", worker, jwt);
    pipeline.route(&api, "ANY /", worker, Authorization::AwsIam);
    pipeline.route(&api, "$default", worker, Authorization::None);
    api
}

fn slow(api: &ApiHandle, alerts: &TopicHandle) -> AlarmOptions {
    AlarmOptions {
        description: Some("Orders answer slowly.".to_owned()),
        statistic: Statistic::Average,
        threshold: Threshold::new(2_500.0).unwrap(),
        notify: vec![alerts.clone()],
        ..AlarmOptions::new(api.metric_latency())
    }
}
