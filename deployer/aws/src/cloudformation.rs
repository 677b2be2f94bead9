//! The engine's `CloudFormation` port on the SDK.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeSetType, DeletionMode, DeploymentConfig, DeploymentConfigMode, ExecutionStatus,
    OnStackFailure, Parameter, Tag, TemplateStage,
};
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::change_set::{
    ChangeSet, ChangeSetKind, ChangeSetRequest, ChangeSetSummary, TemplateSource, ValidationFinding,
};
use pipectl_engine::deployed::{DeployedStack, DeploymentMode, NewestOperation, StackEvent, StackResource};
use pipectl_engine::port::{CloudFormation, Deletion};
use pipectl_engine::stack_update::StackUpdate;
use pipectl_engine::status::ChangeSetStatus;
use serde_json::Value;

use crate::account::Account;
use crate::sdk_error::Call;
use crate::{change_set, known_text, stack as read};

/// CloudFormation by the AWS SDK. Made by [`Session::cloudformation`](crate::Session::cloudformation).
#[derive(Debug, Clone)]
pub struct SdkCloudFormation {
    pub(crate) client: Client,
    region: String,
    endpoint_url: Option<String>,
    execution_role: Option<String>,
    account: Arc<Account>,
}

/// All pages of one description of a change set.
struct Description {
    id: Option<String>,
    stack_id: Option<String>,
    status: ChangeSetStatus,
    status_reason: Option<String>,
    is_executable: bool,
    changes: Vec<Change>,
}

impl SdkCloudFormation {
    pub(crate) fn new(
        client: Client,
        region: String,
        endpoint_url: Option<String>,
        account: Arc<Account>,
    ) -> Self {
        Self { client, region, endpoint_url, execution_role: None, account }
    }

    /// Lets CloudFormation take on a role. It keeps the role of a stack, so that later operations need
    /// not name it.
    pub(crate) fn acting_as(self, execution_role: Option<String>) -> Self {
        Self { execution_role, ..self }
    }

    async fn describe(
        &self,
        stack: &str,
        change_set: &str,
        with_property_values: bool,
    ) -> Result<Description, AwsError> {
        let call = Call::cloudformation("DescribeChangeSet");
        let request = self
            .client
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(change_set)
            .include_property_values(with_property_values);
        let mut description: Option<Description> = None;
        let mut next_token = None;
        loop {
            let page = request.clone().set_next_token(next_token).send().await;
            let page = page.map_err(|error| call.failed(error))?;
            let status = page.status.as_ref().ok_or_else(|| call.lacks("Status"))?;
            let description = description.get_or_insert_with(|| Description {
                id: page.change_set_id.clone(),
                stack_id: page.stack_id.clone(),
                status: ChangeSetStatus::from_aws(status.as_str()),
                status_reason: read::non_empty(page.status_reason.clone()),
                is_executable: page.execution_status == Some(ExecutionStatus::Available),
                changes: Vec::new(),
            });
            description.changes.extend(page.changes.unwrap_or_default());
            next_token = page.next_token.filter(|token| !token.is_empty());
            if next_token.is_none() {
                break;
            }
        }
        description.ok_or_else(|| call.lacks("Status"))
    }

    /// True when the newest events of the stack carry `token`: the refused call repeats one that AWS
    /// accepted, and whose answer was lost.
    async fn has_begun(&self, stack: &str, token: &str) -> bool {
        let events = self.client.describe_stack_events().stack_name(stack).send().await;
        let newest = events.map(|page| page.stack_events.unwrap_or_default()).unwrap_or_default();
        newest.iter().any(|event| event.client_request_token.as_deref() == Some(token))
    }

    /// Takes a refusal for an acceptance when an earlier attempt of the same call, whose answer was lost, has
    /// begun the operation.
    async fn joined(&self, answer: Result<(), AwsError>, stack: &str, token: &str) -> Result<(), AwsError> {
        match answer {
            // Another code would name a refusal that no earlier call can explain.
            Err(error) if may_have_begun(&error.code) && self.has_begun(stack, token).await => Ok(()),
            answer => answer,
        }
    }

    /// The address under which CloudFormation itself reads the template.
    fn template_url(&self, bucket: &str, key: &str) -> String {
        match &self.endpoint_url {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None if self.region.starts_with("cn-") => {
                format!("https://{bucket}.s3.{}.amazonaws.com.cn/{key}", self.region)
            }
            None => format!("https://{bucket}.s3.{}.amazonaws.com/{key}", self.region),
        }
    }
}

impl CloudFormation for SdkCloudFormation {
    async fn describe_stack(&self, stack: &str) -> Result<Option<DeployedStack>, AwsError> {
        let call = Call::cloudformation("DescribeStacks");
        let answer = self.client.describe_stacks().stack_name(stack).send().await;
        let found = match answer.map_err(|error| call.failed(error)) {
            Ok(answer) => answer.stacks.unwrap_or_default().into_iter().next(),
            Err(error) if error.code == AwsErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
        let found = found.map(read::deployed_stack).transpose().map_err(|field| call.lacks(field))?;
        if let Some(found) = &found {
            self.account.learn(&found.id);
        }
        Ok(found)
    }

    async fn template(&self, stack: &str) -> Result<Value, AwsError> {
        let call = Call::cloudformation("GetTemplate");
        let request = self.client.get_template().stack_name(stack).template_stage(TemplateStage::Original);
        let answer = request.send().await.map_err(|error| call.failed(error))?;
        let body = answer.template_body.ok_or_else(|| call.lacks("TemplateBody"))?;
        Ok(serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    /// A first create is asked to delete the stack when it fails, so that no `ROLLBACK_COMPLETE` stack
    /// stands in the way of the next try; the events stay readable by stack ID.
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, AwsError> {
        let call = Call::cloudformation("CreateChangeSet");
        let parameters = request.parameters.iter().map(parameter).chain(kept(&request.kept)).collect();
        let create = self
            .client
            .create_change_set()
            .set_role_arn(self.execution_role.clone())
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .set_parameters(Some(parameters))
            .set_tags(Some(request.tags.iter().map(tag).collect()))
            .capabilities(Capability::CapabilityIam)
            .capabilities(Capability::CapabilityNamedIam);
        let create = match request.kind {
            ChangeSetKind::Create if request.mode == DeploymentMode::Standard => {
                create.change_set_type(ChangeSetType::Create).on_stack_failure(OnStackFailure::Delete)
            }
            ChangeSetKind::Create => create.change_set_type(ChangeSetType::Create),
            ChangeSetKind::Update => create.change_set_type(ChangeSetType::Update),
        };
        let create = match request.mode {
            DeploymentMode::Standard => create,
            DeploymentMode::Express => create.deployment_config(express()),
        };
        let import_existing = request.import_existing.then_some(true);
        let create = create.set_import_existing_resources(import_existing);
        let create = match &request.template {
            TemplateSource::Body(body) => create.template_body(body),
            TemplateSource::Object { bucket, key } => create.template_url(self.template_url(bucket, key)),
        };
        let answer = create.send().await.map_err(|error| call.failed(error))?;
        answer.id.ok_or_else(|| call.lacks("Id"))
    }

    /// The second description, with the values, is asked for once the change set is made, and only where
    /// it can decide something: whether a resource is replaced hangs on which of its properties change.
    async fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, AwsError> {
        let call = Call::cloudformation("DescribeChangeSet");
        let plain = self.describe(stack, change_set, false).await?;
        let with_values = match plain.status {
            ChangeSetStatus::CreateComplete if plain.changes.iter().any(change_set::may_replace) => {
                self.describe(stack, change_set, true).await?.changes
            }
            _ => Vec::new(),
        };
        let reason_is_empty = plain.status_reason.as_deref().is_some_and(known_text::says_nothing_differs);
        Ok(ChangeSet {
            id: plain.id.ok_or_else(|| call.lacks("ChangeSetId"))?,
            stack_id: plain.stack_id.ok_or_else(|| call.lacks("StackId"))?,
            is_empty: plain.status == ChangeSetStatus::Failed && reason_is_empty,
            status: plain.status,
            status_reason: plain.status_reason,
            is_executable: plain.is_executable,
            changes: change_set::merge(plain.changes, with_values),
        })
    }

    /// What the change set makes new is deleted again when it fails, whatever its deletion policy: a
    /// retained but empty table or bucket would block the next try.
    async fn execute_change_set(&self, stack: &str, change_set: &str, token: &str) -> Result<(), AwsError> {
        let call = Call::cloudformation("ExecuteChangeSet");
        let answer = self
            .client
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(change_set)
            .client_request_token(token)
            .retain_except_on_create(true)
            .send()
            .await;
        self.joined(answer.map(|_| ()).map_err(|error| call.failed(error)), stack, token).await
    }

    async fn update_stack(&self, update: &StackUpdate) -> Result<(), AwsError> {
        let call = Call::cloudformation("UpdateStack");
        let parameters = update.changed.iter().map(parameter).chain(kept(&update.kept)).collect();
        let request = self
            .client
            .update_stack()
            .set_role_arn(self.execution_role.clone())
            .stack_name(&update.stack_id)
            .set_parameters(Some(parameters))
            .capabilities(Capability::CapabilityIam)
            .capabilities(Capability::CapabilityNamedIam)
            .client_request_token(&update.token)
            .set_deployment_config((update.mode == DeploymentMode::Express).then(express));
        let request = match &update.template {
            None => request.use_previous_template(true),
            Some(TemplateSource::Body(body)) => request.template_body(body),
            Some(TemplateSource::Object { bucket, key }) => {
                request.template_url(self.template_url(bucket, key))
            }
        };
        let answer = request.send().await.map(|_| ()).map_err(|error| call.failed(error));
        self.joined(answer, &update.stack_id, &update.token).await
    }

    async fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), AwsError> {
        let call = Call::cloudformation("DeleteChangeSet");
        let request = self.client.delete_change_set().stack_name(stack).change_set_name(change_set);
        absent_is_done(request.send().await.map(|_| ()).map_err(|error| call.failed(error)))
    }

    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        let call = Call::cloudformation("ListChangeSets");
        let mut pages = self.client.list_change_sets().stack_name(stack).into_paginator().send();
        let mut summaries = Vec::new();
        while let Some(page) = pages.next().await {
            match page.map_err(|error| call.failed(error)) {
                Ok(page) => {
                    summaries.extend(page.summaries.unwrap_or_default().into_iter().filter_map(read::summary))
                }
                Err(error) if error.code == AwsErrorCode::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            }
        }
        Ok(summaries)
    }

    /// The filter `FailedEvents` would leave the warnings out.
    async fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, AwsError> {
        let call = Call::cloudformation("DescribeEvents");
        let mut pages = self.client.describe_events().change_set_name(change_set_id).into_paginator().send();
        let mut findings = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            findings
                .extend(page.operation_events.unwrap_or_default().into_iter().filter_map(read::validation));
        }
        Ok(findings)
    }

    async fn delete_stack(&self, deletion: &Deletion<'_>) -> Result<(), AwsError> {
        let call = Call::cloudformation("DeleteStack");
        let retained = (!deletion.retained.is_empty()).then(|| deletion.retained.to_vec());
        let request = self
            .client
            .delete_stack()
            .stack_name(deletion.stack)
            .client_request_token(deletion.token)
            .set_retain_resources(retained)
            .set_deletion_mode(deletion.is_forced.then_some(DeletionMode::ForceDeleteStack));
        let answer = absent_is_done(request.send().await.map(|_| ()).map_err(|error| call.failed(error)));
        self.joined(answer, deletion.stack, deletion.token).await
    }

    async fn rollback_stack(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        let call = Call::cloudformation("RollbackStack");
        let request = self
            .client
            .rollback_stack()
            .stack_name(stack)
            .client_request_token(token)
            .retain_except_on_create(true);
        let answer = request.send().await.map(|_| ()).map_err(|error| call.failed(error));
        self.joined(answer, stack, token).await
    }

    async fn continue_update_rollback(
        &self,
        stack: &str,
        skipped: &[String],
        token: &str,
    ) -> Result<(), AwsError> {
        let call = Call::cloudformation("ContinueUpdateRollback");
        let skipped = (!skipped.is_empty()).then(|| skipped.to_vec());
        let request = self
            .client
            .continue_update_rollback()
            .stack_name(stack)
            .client_request_token(token)
            .set_resources_to_skip(skipped);
        let answer = request.send().await.map(|_| ()).map_err(|error| call.failed(error));
        self.joined(answer, stack, token).await
    }

    async fn cancel_update(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        let call = Call::cloudformation("CancelUpdateStack");
        let request = self.client.cancel_update_stack().stack_name(stack).client_request_token(token);
        request.send().await.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn set_termination_protection(&self, stack: &str, is_protected: bool) -> Result<(), AwsError> {
        let call = Call::cloudformation("UpdateTerminationProtection");
        let request = self.client.update_termination_protection().stack_name(stack);
        let answer = request.enable_termination_protection(is_protected).send().await;
        answer.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, AwsError> {
        let call = Call::cloudformation("DescribeStackEvents");
        let page = self.client.describe_stack_events().stack_name(stack).send().await;
        let page = page.map_err(|error| call.failed(error))?;
        let events = page.stack_events.unwrap_or_default().into_iter().filter_map(read::stack_event);
        Ok(read::newest_operation(events))
    }

    async fn token_of_operation(&self, stack: &str, operation_id: &str) -> Result<Option<String>, AwsError> {
        let call = Call::cloudformation("DescribeEvents");
        let page = self.client.describe_events().stack_name(stack).operation_id(operation_id).send().await;
        let page = page.map_err(|error| call.failed(error))?;
        let events = page.operation_events.unwrap_or_default();
        Ok(events.into_iter().find_map(|event| event.client_request_token))
    }

    /// Newer events of another operation are passed over on the first page only: somebody may have begun
    /// the next operation before the end of this one was read.
    async fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        let call = Call::cloudformation("DescribeStackEvents");
        let mut pages = self.client.describe_stack_events().stack_name(stack).into_paginator().send();
        let mut newest_first = Vec::new();
        let mut is_first_page = true;
        'pages: while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            for event in page.stack_events.unwrap_or_default().into_iter().filter_map(read::stack_event) {
                if after == Some(event.id.as_str()) {
                    break 'pages;
                }
                if event.client_request_token.as_deref() == token {
                    let is_first = token.is_none() && event.is_start_of_operation();
                    newest_first.push(event);
                    if is_first {
                        break 'pages;
                    }
                } else if token.is_none() || !is_first_page || !newest_first.is_empty() {
                    break 'pages;
                }
            }
            if newest_first.is_empty() {
                break;
            }
            is_first_page = false;
        }
        newest_first.reverse();
        Ok(newest_first)
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        let call = Call::cloudformation("ListStackResources");
        let mut pages = self.client.list_stack_resources().stack_name(stack).into_paginator().send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            let summaries = page.stack_resource_summaries.unwrap_or_default();
            resources.extend(summaries.into_iter().filter_map(read::stack_resource));
        }
        Ok(resources)
    }
}

fn express() -> DeploymentConfig {
    DeploymentConfig::builder().mode(DeploymentConfigMode::Express).build()
}

/// The refusals that a repeated call can meet when the first one was accepted.
fn may_have_begun(code: &AwsErrorCode) -> bool {
    match code {
        AwsErrorCode::NotFound | AwsErrorCode::OperationInProgress | AwsErrorCode::Invalid => true,
        AwsErrorCode::Other(code) => code.starts_with("TokenAlreadyExists"),
        _ => false,
    }
}

fn absent_is_done(answer: Result<(), AwsError>) -> Result<(), AwsError> {
    match answer {
        Err(error) if error.code == AwsErrorCode::NotFound => Ok(()),
        answer => answer,
    }
}

/// Parameters that keep the stack's values.
fn kept(names: &BTreeSet<String>) -> impl Iterator<Item = Parameter> {
    names.iter().map(|name| Parameter::builder().parameter_key(name).use_previous_value(true).build())
}

fn parameter((key, value): (&String, &String)) -> Parameter {
    Parameter::builder().parameter_key(key).parameter_value(value).build()
}

fn tag((key, value): (&String, &String)) -> Tag {
    Tag::builder().key(key).value(value).build()
}
