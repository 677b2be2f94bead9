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

    async fn ask(&self) -> Result<String, AwsError> {
        let call = Call::sts("GetCallerIdentity");
        let identity = self.sts.get_caller_identity().send().await.map_err(|error| call.failed(error))?;
        identity.account.ok_or_else(|| call.lacks("Account"))
    }
}
