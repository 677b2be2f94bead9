//! Lambda function object-extract: settings, clients, run.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use object_extract::aws::{S3Objects, SqsQueues};
use object_extract::config::Config;
use object_extract::event::S3Event;
use object_extract::handler::{Function, handle};
use pipectl_invocation::clock::SystemClock;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::Log;
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::output::Stdout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let settings = pipectl_invocation::client::settings(process_variable)?;
    let clock = Arc::new(SystemClock);
    let function = &Function {
        store: S3Objects::new(&settings),
        queue: Arc::new(SqsQueues::new(&settings, &config)),
        log: Log::new(config.log_level, Arc::new(Stdout), clock.clone()),
        clock,
        config,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<S3Event>| {
        let invocation = Invocation::from(&event.context);
        let mut metrics =
            Metrics::new(&function.config.metrics_namespace, &event.context.env_config.function_name);
        let result = handle(&event.payload, &invocation, function, &mut metrics).await;
        metrics.publish(&Stdout, function.clock.now());
        result.map_err(Error::from)
    }))
    .await
}
