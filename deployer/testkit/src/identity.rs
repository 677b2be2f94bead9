//! A caller and what they may not do.

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::permission::port::Identity;
use pipectl_engine::permission::simulation::{Denied, Question};

/// IAM as a test describes it: everything is allowed but what is in [`denied`](Self::denied).
#[derive(Debug, Clone, Default)]
pub struct FakeIdentity {
    /// ARN of the caller.
    pub caller: String,
    /// Name and ARN of each role of the account.
    pub roles: Vec<(String, String)>,
    /// Actions that the policies do not allow, on whatever resource.
    pub denied: Vec<String>,
    /// Whether the simulation itself is denied.
    pub forbids_simulation: bool,
}

impl Identity for FakeIdentity {
    async fn caller(&self) -> Result<String, AwsError> {
        Ok(self.caller.clone())
    }

    async fn role_arn(&self, name: &str) -> Result<Option<String>, AwsError> {
        Ok(self.roles.iter().find(|(known, _)| known == name).map(|(_, arn)| arn.clone()))
    }

    async fn denied(&self, _principal: &str, question: &Question) -> Result<Vec<Denied>, AwsError> {
        if self.forbids_simulation {
            return Err(AwsError {
                service: "IAM",
                operation: "SimulatePrincipalPolicy",
                code: AwsErrorCode::AccessDenied,
                message: "refused by the test".to_owned(),
                request_id: None,
            });
        }
        let denied = question.actions.iter().filter(|action| self.denied.contains(action));
        let each = denied.flat_map(|action| {
            question
                .resources
                .iter()
                .map(|resource| Denied { action: action.clone(), resource: resource.clone() })
        });
        Ok(each.collect())
    }
}
