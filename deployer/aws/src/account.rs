//! The account that the credentials belong to.

use pipectl_engine::aws_error::AwsError;
use tokio::sync::OnceCell;

use crate::sdk_error::Call;

/// The account ID, asked for when it is first needed and kept.
#[derive(Debug)]
pub(crate) struct Account {
    sts: aws_sdk_sts::Client,
    id: OnceCell<String>,
}

impl Account {
    /// `known` is the ID that came with the credentials; single sign-on and assumed roles bring one.
    pub(crate) fn new(sts: aws_sdk_sts::Client, known: Option<String>) -> Self {
        Self { sts, id: OnceCell::new_with(known) }
    }

    /// Returns the account ID, 12 digits.
    ///
    /// # Effects
    /// `sts:GetCallerIdentity` unless the ID is known; it needs no permission.
    pub(crate) async fn id(&self) -> Result<&str, AwsError> {
        self.id.get_or_try_init(|| self.ask()).await.map(String::as_str)
    }

    /// Reads the ID in the ARN of a stack: stacks are found in the caller's own account only, so that
    /// there is nothing left to ask.
    pub(crate) fn learn(&self, stack_id: &str) {
        if let Some(id) = account_of(stack_id) {
            // Known already is as good.
            let _ = self.id.set(id.to_owned());
        }
    }

    async fn ask(&self) -> Result<String, AwsError> {
        let call = Call::sts("GetCallerIdentity");
        let identity = self.sts.get_caller_identity().send().await.map_err(|error| call.failed(error))?;
        identity.account.ok_or_else(|| call.lacks("Account"))
    }
}

fn account_of(arn: &str) -> Option<&str> {
    let id = arn.split(':').nth(4)?;
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_is_read_from_a_stack_id() {
        let arn = "arn:aws:cloudformation:eu-west-1:111122223333:stack/ingest/4f1b";
        assert_eq!(account_of(arn), Some("111122223333"));
        assert_eq!(account_of("ingest"), None);
    }
}
