//! Lambda function feedback-intake: settings, clients, run.

use feedback_intake::aws::SqsQueue;
use feedback_intake::config::Config;
use feedback_intake::handler::{Function, handle};
use lambda_runtime::Error;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::http::HttpEvent;
use pipectl_invocation::process::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let process = Process::new(&config.reporting, process_variable)?;
    let function = Function {
        queue: SqsQueue::new(&process.settings, &config.queue_url),
        log: process.log.clone(),
        clock: process.clock.clone(),
        config,
    };
    process
        .run(async |event: HttpEvent, invocation, metrics| {
            Ok(handle(&event, invocation, &function, metrics).await)
        })
        .await
}
