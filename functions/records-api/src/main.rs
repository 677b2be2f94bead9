//! Lambda function records-api: settings, clients, run.

use lambda_runtime::Error;
use pipectl_invocation::environment::process_variable;
use pipectl_invocation::http::HttpEvent;
use pipectl_invocation::process::Process;
use records_api::aws::DynamoDbRecords;
use records_api::config::Config;
use records_api::handler::{Function, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::read(process_variable)?;
    let process = Process::new(&config.reporting, process_variable)?;
    let function = Function {
        records: DynamoDbRecords::new(&process.settings, &config.table_name, &config.source_index),
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
