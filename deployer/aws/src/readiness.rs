//! The engine's `Readiness` port: looks at functions, mappings, tables and APIs.

use std::time::Duration;

use aws_sdk_dynamodb::types::{IndexStatus, TableDescription, TableStatus};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::ready::Subject;
use pipectl_engine::ready::port::{Readiness, Standing};

use crate::function_code::{Configuration, is_missing, standing};
use crate::sdk_error::Call;

/// Time an API has for its answer before it counts as not answering.
const ANSWER: Duration = Duration::from_secs(5);

/// A path that no API has; what answers it is API Gateway.
const NO_ROUTE: &str = "/.well-known/pipectl-readiness";

/// Says where an API of this URL is reached from here; `None` when it is not.
pub type ApiAddress = Box<dyn Fn(&str) -> Option<String>>;

/// Looks by the AWS SDK. Made by [`Session::readiness`](crate::Session::readiness).
pub struct SdkReadiness {
    lambda: aws_sdk_lambda::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    api_address: ApiAddress,
}

impl std::fmt::Debug for SdkReadiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SdkReadiness").finish_non_exhaustive()
    }
}

impl SdkReadiness {
    pub(crate) fn new(
        lambda: aws_sdk_lambda::Client,
        dynamodb: aws_sdk_dynamodb::Client,
        api_address: ApiAddress,
    ) -> Self {
        Self { lambda, dynamodb, api_address }
    }

    async fn function(&self, name: &str) -> Result<Standing, AwsError> {
        let call = Call::lambda("GetFunctionConfiguration");
        let answer = self.lambda.get_function_configuration().function_name(name).send().await;
        seen(answer.map_err(|error| call.failed(error)), |found| {
            standing(Configuration {
                state: found.state,
                state_reason: found.state_reason,
                last_update: found.last_update_status,
                last_update_reason: found.last_update_status_reason,
            })
        })
    }

    async fn mapping(&self, uuid: &str) -> Result<Standing, AwsError> {
        let call = Call::lambda("GetEventSourceMapping");
        let answer = self.lambda.get_event_source_mapping().uuid(uuid).send().await;
        seen(answer.map_err(|error| call.failed(error)), |found| of_mapping(found.state.as_deref()))
    }

    async fn table(&self, name: &str) -> Result<Standing, AwsError> {
        let call = Call::dynamodb("DescribeTable");
        let answer = self.dynamodb.describe_table().table_name(name).send().await;
        seen(answer.map_err(|error| call.failed(error)), |found| {
            found.table.map_or_else(not_there, |table| of_table(&table))
        })
    }

    async fn api(&self, url: &str) -> Result<Standing, AwsError> {
        let Some(address) = (self.api_address)(url) else {
            return Ok(Standing::Unseen("the endpoint says no address for APIs".to_owned()));
        };
        let call = Call { service: "API Gateway", operation: "OPTIONS" };
        let mut request = HttpRequest::get(format!("{}{NO_ROUTE}", address.trim_end_matches('/')))
            .map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        request
            .set_method("OPTIONS")
            .map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        let builder = Connector::builder();
        let connector = if address.starts_with("http://") {
            builder.build_http()
        } else {
            builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
        };
        Ok(match tokio::time::timeout(ANSWER, connector.call(request)).await {
            Ok(Ok(response)) => of_api(response.status().as_u16()),
            Ok(Err(error)) => Standing::NotYet(format!("no answer: {error:?}")),
            Err(_) => Standing::NotYet(format!("no answer within {} s", ANSWER.as_secs())),
        })
    }
}

impl Readiness for SdkReadiness {
    async fn look(&self, subject: &Subject) -> Result<Standing, AwsError> {
        match subject {
            Subject::Function { name } => self.function(name).await,
            Subject::EventSourceMapping { uuid } => self.mapping(uuid).await,
            Subject::Table { name } => self.table(name).await,
            Subject::Api { url } => self.api(url).await,
        }
    }
}

fn seen<T>(answer: Result<T, AwsError>, standing: impl FnOnce(T) -> Standing) -> Result<Standing, AwsError> {
    match answer {
        Ok(found) => Ok(standing(found)),
        Err(error) if is_missing(&error) => Ok(not_there()),
        Err(error) => Err(error),
    }
}

fn not_there() -> Standing {
    Standing::NotYet("not found".to_owned())
}

/// Source: Lambda API reference, GetEventSourceMapping, State (read 2026-11-23).
fn of_mapping(state: Option<&str>) -> Standing {
    match state {
        Some("Enabled") | None => Standing::Ready,
        Some("Disabled") => Standing::Unseen("it is disabled".to_owned()),
        Some(state) => Standing::NotYet(format!("State {state}")),
    }
}

/// Source: DynamoDB API reference, TableDescription (read 2026-11-23).
fn of_table(table: &TableDescription) -> Standing {
    match table.table_status() {
        Some(TableStatus::Active) => {}
        Some(
            status @ (TableStatus::Archived
            | TableStatus::Archiving
            | TableStatus::InaccessibleEncryptionCredentials),
        ) => return Standing::Failed(format!("TableStatus {}", status.as_str())),
        status => {
            let status = status.map_or("unknown", TableStatus::as_str);
            return Standing::NotYet(format!("TableStatus {status}"));
        }
    }
    let building = table
        .global_secondary_indexes()
        .iter()
        .find(|index| index.index_status().is_some_and(|status| *status != IndexStatus::Active));
    building.map_or(Standing::Ready, |index| {
        Standing::NotYet(format!("index {} is being built", index.index_name().unwrap_or_default()))
    })
}

/// API Gateway answers 404 for a route that an HTTP API does not have, 401 where an authorizer stands
/// before every route, and 403 for an API that it does not know (yet).
fn of_api(status: u16) -> Standing {
    match status {
        403 | 500.. => Standing::NotYet(format!("HTTP {status}")),
        _ => Standing::Ready,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::GlobalSecondaryIndexDescription;

    use super::*;

    #[test]
    fn api_is_ready_when_api_gateway_knows_it() {
        assert_eq!([404, 401, 204].map(of_api), [Standing::Ready, Standing::Ready, Standing::Ready]);
        assert_eq!(of_api(403), Standing::NotYet("HTTP 403".to_owned()));
        assert_eq!(of_api(503), Standing::NotYet("HTTP 503".to_owned()));
    }

    #[test]
    fn mapping_is_ready_when_it_is_enabled() {
        assert_eq!(of_mapping(Some("Enabled")), Standing::Ready);
        assert_eq!(of_mapping(Some("Creating")), Standing::NotYet("State Creating".to_owned()));
    }

    #[test]
    fn table_is_ready_when_its_indexes_are() {
        let index = |status| {
            GlobalSecondaryIndexDescription::builder().index_name("by-day").index_status(status).build()
        };
        let table = |status| {
            let active = TableDescription::builder().table_status(TableStatus::Active);
            of_table(&active.global_secondary_indexes(index(status)).build())
        };
        assert_eq!(table(IndexStatus::Active), Standing::Ready);
        assert_eq!(table(IndexStatus::Creating), Standing::NotYet("index by-day is being built".to_owned()));
        let creating = TableDescription::builder().table_status(TableStatus::Creating).build();
        assert_eq!(of_table(&creating), Standing::NotYet("TableStatus CREATING".to_owned()));
    }
}
