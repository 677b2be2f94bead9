//! The engine's `Identity` port on IAM and STS.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::permission::port::Identity;
use pipectl_engine::permission::simulation::{Denied, Question};

use crate::sdk_error::Call;

/// IAM and STS by the AWS SDK. Made by [`Session::identity`](crate::Session::identity).
#[derive(Debug, Clone)]
pub struct SdkIdentity {
    iam: aws_sdk_iam::Client,
    sts: aws_sdk_sts::Client,
}

impl SdkIdentity {
    pub(crate) fn new(iam: aws_sdk_iam::Client, sts: aws_sdk_sts::Client) -> Self {
        Self { iam, sts }
    }
}

impl Identity for SdkIdentity {
    async fn caller(&self) -> Result<String, AwsError> {
        let call = Call::sts("GetCallerIdentity");
        let identity = self.sts.get_caller_identity().send().await.map_err(|error| call.failed(error))?;
        identity.arn.ok_or_else(|| call.lacks("Arn"))
    }

    async fn role_arn(&self, name: &str) -> Result<Option<String>, AwsError> {
        let call = Call::iam("GetRole");
        match self.iam.get_role().role_name(name).send().await.map_err(|error| call.failed(error)) {
            Ok(answer) => Ok(answer.role.map(|role| role.arn)),
            Err(error) if error.code == AwsErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn denied(&self, principal: &str, question: &Question) -> Result<Vec<Denied>, AwsError> {
        let call = Call::iam("SimulatePrincipalPolicy");
        let context = question.context.iter().map(|(key, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .context_key_type(ContextKeyTypeEnum::StringList)
                .set_context_key_values(Some(values.clone()))
                .build()
        });
        let request = self
            .iam
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(question.actions.clone()))
            .set_resource_arns(Some(question.resources.clone()))
            .set_context_entries(Some(context.collect()));
        let mut denied = Vec::new();
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            denied.extend(page.evaluation_results.into_iter().flatten().flat_map(of_result));
        }
        Ok(denied)
    }
}

/// Several resources of one action come as one result with a part for each.
fn of_result(result: EvaluationResult) -> Vec<Denied> {
    let is_denied =
        |decision: &PolicyEvaluationDecisionType| *decision != PolicyEvaluationDecisionType::Allowed;
    let action = result.eval_action_name;
    let parts = result.resource_specific_results.unwrap_or_default();
    if parts.is_empty() {
        let resource = result.eval_resource_name.unwrap_or_else(|| "*".to_owned());
        let denied = is_denied(&result.eval_decision).then_some(Denied { action, resource });
        return denied.into_iter().collect();
    }
    let denied = parts.into_iter().filter(|part| is_denied(&part.eval_resource_decision));
    denied.map(|part| Denied { action: action.clone(), resource: part.eval_resource_name }).collect()
}
