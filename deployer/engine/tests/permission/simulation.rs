//! What a caller lacks.

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::permission::simulation::{Principal, missing, principal};
use pipectl_testkit::{FakeIdentity, finish};

use crate::{example, roles_of, somewhere};

const DEPLOYER: &str = "arn:aws:iam::111122223333:role/pipectl/shop-deployer";

#[test]
fn role_behind_a_session_is_found_with_its_path() {
    let roles = vec![("shop-deployer".to_owned(), DEPLOYER.to_owned())];
    let identity = FakeIdentity { roles, ..FakeIdentity::default() };
    let of = |caller: &str| finish(principal(&identity, caller)).unwrap();
    let session = |role: &str| format!("arn:aws:sts::111122223333:assumed-role/{role}/ci");
    assert_eq!(of(&session("shop-deployer")), Principal::Named(DEPLOYER.to_owned()));
    let plain = "arn:aws:iam::111122223333:role/other".to_owned();
    assert_eq!(of(&session("other")), Principal::Named(plain));
    assert_eq!(of("arn:aws:iam::111122223333:root"), Principal::Root);
    let user = "arn:aws:iam::111122223333:user/path/me";
    assert_eq!(of(user), Principal::Named(user.to_owned()));
}

#[test]
fn exactly_what_is_missing_comes_back_as_a_statement() {
    let roles = roles_of(&example("ingest"), &somewhere());
    let mut identity = FakeIdentity::default();
    let lacks = |identity: &FakeIdentity| finish(missing(identity, DEPLOYER, &roles.deployer.statements));
    assert_eq!(lacks(&identity), Ok(Vec::new()));

    identity.denied = vec!["cloudformation:ExecuteChangeSet".to_owned(), "iam:PassRole".to_owned()];
    let found = lacks(&identity).unwrap();
    let texts: Vec<String> =
        found.iter().map(|it| format!("{:?} {:?} {}", it.actions, it.resources, it.condition)).collect();
    assert_eq!(
        texts,
        [
            "{\"cloudformation:ExecuteChangeSet\"} \
             {\"arn:aws:cloudformation:eu-central-1:111122223333:stack/shop/*\"} null",
            "{\"iam:PassRole\"} {\"arn:aws:iam::111122223333:role/pipectl/shop-execution\"} \
             {\"StringEquals\":{\"iam:PassedToService\":\"cloudformation.amazonaws.com\"}}",
        ]
    );
}

#[test]
fn simulation_that_is_denied_is_an_error_and_not_a_good_answer() {
    let identity = FakeIdentity { forbids_simulation: true, ..FakeIdentity::default() };
    let roles = roles_of(&example("ingest"), &somewhere());
    let error = finish(missing(&identity, DEPLOYER, &roles.deployer.statements)).unwrap_err();
    assert_eq!(error.code, AwsErrorCode::AccessDenied);
}
