//! Lambda function message-writer: settings, clients, run.

use std::sync::Arc;

use lambda_runtime::Error;
use message_writer::aws::DynamoDbTable;
use message_writer::config::Config;
use message_writer::event::SqsEvent;
use message_writer::handler::{Function, handle};
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::process::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let process = Process::new(&config.reporting, process_variable)?;
    let function = Arc::new(Function {
        writes_in_flight: config.writes_in_flight,
        table: DynamoDbTable::new(&process.settings, &config.table_name),
        log: process.log.clone(),
        clock: process.clock.clone(),
    });
    process
        .run(async |event: SqsEvent, invocation, metrics| {
            Ok(handle(event, invocation, &function, metrics).await)
        })
        .await
}
