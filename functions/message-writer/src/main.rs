//! Lambda function message-writer: settings, clients, run.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use message_writer::aws::DynamoDbTable;
use message_writer::config::Config;
use message_writer::event::SqsEvent;
use message_writer::handler::{Function, handle};
use pipectl_invocation::clock::SystemClock;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::Log;
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::output::Stdout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = &Config::read(process_variable)?;
    let settings = pipectl_invocation::client::settings(process_variable)?;
    let clock = Arc::new(SystemClock);
    let function = &Arc::new(Function {
        writes_in_flight: config.writes_in_flight,
        table: DynamoDbTable::new(&settings, &config.table_name),
        log: Log::new(config.log_level, Arc::new(Stdout), clock.clone()),
        clock,
    });
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let invocation = Invocation::from(&event.context);
        let mut metrics = Metrics::new(&config.metrics_namespace, &event.context.env_config.function_name);
        let response = handle(event.payload, &invocation, function, &mut metrics).await;
        metrics.publish(&Stdout, function.clock.now());
        Ok::<_, Error>(response)
    }))
    .await
}
