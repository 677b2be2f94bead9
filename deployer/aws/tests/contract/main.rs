//! One contract of CloudFormation for the testkit's double and for the local engine, by the real SDK.
//!
//! Each clause says what AWS answers. The double keeps all of them; where the engine does otherwise, the
//! clause says what it answers instead, so that the list of differences is exact in both directions.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clauses;
mod endpoint;

use clauses::{CLAUSES, observe};
use endpoint::Endpoint;

/// Every clause with what is seen at an endpoint.
async fn seen(at: &Endpoint) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    for clause in CLAUSES {
        seen.push((clause.name, observe(clause.name, at).await));
    }
    seen
}

#[tokio::test]
async fn double_keeps_every_clause() {
    let wanted = CLAUSES.iter().map(|clause| (clause.name, clause.aws.to_owned()));
    assert_eq!(seen(&Endpoint::double()).await, wanted.collect::<Vec<_>>());
}

#[tokio::test]
async fn local_engine_keeps_every_clause_but_for_the_differences_listed() {
    let wanted = CLAUSES.iter().map(|clause| (clause.name, clause.engine.unwrap_or(clause.aws).to_owned()));
    assert_eq!(seen(&Endpoint::engine().await).await, wanted.collect::<Vec<_>>());
}

#[test]
fn difference_is_listed_only_where_the_engine_differs() {
    let idle = CLAUSES.iter().filter(|clause| clause.engine == Some(clause.aws));
    assert_eq!(idle.map(|clause| clause.name).collect::<Vec<_>>(), Vec::<&str>::new());
}
