//! The identity port against prepared answers.

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::permission::port::Identity as _;
use pipectl_engine::permission::simulation::{Denied, Question};

use crate::support::{Answer, CannedAws, ok, status};

const ROLE: &str = "arn:aws:iam::111122223333:role/pipectl/shop-deployer";

fn question() -> Question {
    Question {
        actions: vec!["s3:PutObject".to_owned(), "s3:GetObject".to_owned()],
        resources: vec!["arn:a".to_owned(), "arn:b".to_owned()],
        context: vec![("iam:PassedToService".to_owned(), vec!["cloudformation.amazonaws.com".to_owned()])],
    }
}

fn simulated(results: &str, end: &str) -> Answer {
    ok(format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{results}\
         </EvaluationResults>{end}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    ))
}

fn result(action: &str, resource: &str, decision: &str, parts: &str) -> String {
    format!(
        "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>\
         <EvalDecision>{decision}</EvalDecision>{parts}</member>"
    )
}

#[tokio::test]
async fn denied_actions_are_read_from_all_pages_and_for_each_resource() {
    let part = |resource: &str, decision: &str| {
        format!(
            "<member><EvalResourceName>{resource}</EvalResourceName><EvalResourceDecision>{decision}\
             </EvalResourceDecision></member>"
        )
    };
    let parts = part("arn:a", "allowed") + &part("arn:b", "implicitDeny");
    let parts = format!("<ResourceSpecificResults>{parts}</ResourceSpecificResults>");
    let more = "<IsTruncated>true</IsTruncated><Marker>more</Marker>";
    let aws = CannedAws::answering([
        simulated(&result("s3:PutObject", "*", "implicitDeny", &parts), more),
        simulated(&result("s3:GetObject", "arn:a", "explicitDeny", ""), "<IsTruncated>false</IsTruncated>"),
    ]);
    let denied = aws.session().await.identity().denied(ROLE, &question()).await.unwrap();
    let of =
        |action: &str, resource: &str| Denied { action: action.to_owned(), resource: resource.to_owned() };
    assert_eq!(denied, [of("s3:PutObject", "arn:b"), of("s3:GetObject", "arn:a")]);
    let sent = &aws.requests()[0];
    assert_eq!(sent.field("ContextEntries.member.1.ContextKeyName").as_deref(), Some("iam:PassedToService"));
    assert_eq!(sent.field("ResourceArns.member.2").as_deref(), Some("arn:b"));
}

#[tokio::test]
async fn role_that_is_not_there_is_none_and_a_hidden_one_is_denied() {
    let refusal = |code: &str| {
        status(403, format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"))
    };
    let aws = CannedAws::answering([refusal("NoSuchEntity"), refusal("AccessDenied")]);
    let identity = aws.session().await.identity();
    assert_eq!(identity.role_arn("gone").await, Ok(None));
    assert_eq!(identity.role_arn("hidden").await.unwrap_err().code, AwsErrorCode::AccessDenied);
}

#[tokio::test]
async fn caller_is_known_by_its_arn() {
    let arn = "arn:aws:sts::111122223333:assumed-role/shop-deployer/ci";
    let aws = CannedAws::answering([ok(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>"
    ))]);
    assert_eq!(aws.session().await.identity().caller().await.unwrap(), arn);
}
