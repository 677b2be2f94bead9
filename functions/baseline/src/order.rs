//! What the programs share that functions are compared with: the runtime, the settings of the clients, and calls
//! of AWS without anything around them.

use std::future::Future;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;

/// What the harness asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    /// Request to repeat, as a function sent it; from then on.
    pub(crate) sample: Option<Value>,
    /// Calls to make.
    pub(crate) calls: u64,
    /// Most calls at the same time.
    pub(crate) in_flight: usize,
    /// Whether the object is read besides.
    pub(crate) reads_object: bool,
}

/// Answers every event with nothing, once `work` has done what the event orders.
pub(crate) async fn run(work: impl AsyncFn(Order) -> Result<(), Error>) -> Result<(), Error> {
    let work = &work;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Order>| Box::pin(work(event.payload)).await))
        .await
}

/// Makes the calls, several at a time, as the functions do.
pub(crate) async fn repeat<Call>(order: &Order, call: impl Fn() -> Call) -> Result<(), Error>
where
    Call: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut under_way = JoinSet::new();
    for _ in 0..order.calls {
        if under_way.len() >= order.in_flight.max(1)
            && let Some(done) = under_way.join_next().await
        {
            done??;
        }
        under_way.spawn(call());
    }
    while let Some(done) = under_way.join_next().await {
        done??;
    }
    Ok(())
}
