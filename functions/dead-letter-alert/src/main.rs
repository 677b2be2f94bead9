//! Lambda function dead-letter-alert: settings, clients, run.

use dead_letter_alert::aws::{SnsTopic, SqsDeadLetterQueue};
use dead_letter_alert::config::Config;
use dead_letter_alert::event::AlarmEvent;
use dead_letter_alert::handler::{Function, handle};
use lambda_runtime::Error;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::process::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let process = Process::new(&config.reporting, process_variable)?;
    let function = Function {
        queue: SqsDeadLetterQueue::new(&process.settings, &config.queue_url),
        topic: SnsTopic::new(&process.settings, &config.topic_arn),
        log: process.log.clone(),
        clock: process.clock.clone(),
        config,
    };
    process
        .run(async |event: AlarmEvent, invocation, metrics| {
            Ok(handle(&event, invocation, &function, metrics).await?)
        })
        .await
}
