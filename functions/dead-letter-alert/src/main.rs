//! Lambda function dead-letter-alert: settings, clients, run.

use std::sync::Arc;

use dead_letter_alert::aws::{SnsTopic, SqsDeadLetterQueue};
use dead_letter_alert::config::Config;
use dead_letter_alert::event::AlarmEvent;
use dead_letter_alert::handler::{Function, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
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
        queue: SqsDeadLetterQueue::new(&settings, &config.queue_url),
        topic: SnsTopic::new(&settings, &config.topic_arn),
        log: Log::new(config.log_level, Arc::new(Stdout), clock.clone()),
        clock,
        config,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<AlarmEvent>| {
        let invocation = Invocation::from(&event.context);
        let mut metrics =
            Metrics::new(&function.config.metrics_namespace, &event.context.env_config.function_name);
        let result = handle(&event.payload, &invocation, function, &mut metrics).await;
        metrics.publish(&Stdout, function.clock.now());
        result.map_err(Error::from)
    }))
    .await
}
