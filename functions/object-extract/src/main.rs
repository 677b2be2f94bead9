//! Lambda function object-extract: settings, clients, run.

use std::sync::Arc;

use lambda_runtime::Error;
use object_extract::aws::{S3Objects, SqsQueues};
use object_extract::config::Config;
use object_extract::event::S3Event;
use object_extract::handler::{Function, handle};
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::process::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let process = Process::new(&config.reporting, process_variable)?;
    let function = Function {
        store: S3Objects::new(&process.settings),
        queue: Arc::new(SqsQueues::new(&process.settings, &config)),
        log: process.log.clone(),
        clock: process.clock.clone(),
        config,
    };
    process
        .run(async |event: S3Event, invocation, metrics| {
            Ok(handle(&event, invocation, &function, metrics).await?)
        })
        .await
}
