//! Lambda function records-api: settings, clients, run.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use pipectl_invocation::clock::SystemClock;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::http::HttpEvent;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::Log;
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::output::Stdout;
use records_api::aws::DynamoDbRecords;
use records_api::config::Config;
use records_api::handler::{Function, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let settings = pipectl_invocation::client::settings(process_variable)?;
    let clock = Arc::new(SystemClock);
    let function = &Function {
        records: DynamoDbRecords::new(&settings, &config.table_name, &config.source_index),
        log: Log::new(config.log_level, Arc::new(Stdout), clock.clone()),
        clock,
        config,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<HttpEvent>| {
        let invocation = Invocation::from(&event.context);
        let mut metrics =
            Metrics::new(&function.config.metrics_namespace, &event.context.env_config.function_name);
        let response = handle(&event.payload, &invocation, function, &mut metrics).await;
        metrics.publish(&Stdout, function.clock.now());
        Ok::<_, Error>(response)
    }))
    .await
}
