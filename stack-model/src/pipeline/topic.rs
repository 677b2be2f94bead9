//! Topics: by TLS only, with subscriptions and the policies these need.
//!
//! A topic is not encrypted at rest by default. The key that AWS manages, `alias/aws/sns`, has a fixed policy that
//! does not let CloudWatch use it, so an alarm's message would be lost without a word. Name a customer managed key
//! whose policy lets `cloudwatch.amazonaws.com` use it to have both.

use super::{Pipeline, account, any, arn};
use crate::diagnostic::{Diagnostic, TOPIC_KIND_MISMATCH};
use crate::handle::{AnyQueue, FunctionHandle, TopicHandle};
use crate::iam::{PolicyDocument, Principal, Statement};
use crate::lambda::Permission;
use crate::sns::{Protocol, RedrivePolicy, Subscription, Topic, TopicPolicy};
use crate::value::Value;

/// Someone outside the pipeline who gets a topic's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSubscription {
    /// How: mail, text message, HTTPS, or a queue or function of another stack by ARN.
    pub protocol: Protocol,
    /// Where: address, number, URL or ARN.
    pub endpoint: Value<String>,
}

/// How a topic differs from the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicOptions {
    /// Whether it is FIFO, and named `<stack>-<name>.fifo`. Default: false.
    pub fifo: bool,
    /// FIFO only: whether SNS makes deduplication IDs from bodies. Default: false.
    pub content_based_deduplication: bool,
    /// Name shown in mails and text messages; at most 100 characters. Default: none.
    pub display_name: Option<String>,
    /// ARN of a customer managed key. Default: not encrypted at rest, see the module's page.
    pub kms_key: Option<Value<String>>,
    /// Who gets the messages. Default: nobody.
    pub subscriptions: Vec<TopicSubscription>,
}

/// A topic being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    handle: TopicHandle,
    options: TopicOptions,
    policy: Vec<Statement>,
}

impl Pipeline {
    /// Adds a topic.
    pub fn topic(&mut self, name: &str, options: TopicOptions) -> TopicHandle {
        let id = self.declare(name, "topic", |pipeline, id| pipeline.topics.contains_key(id));
        let kms_key = options.kms_key.clone();
        let handle = TopicHandle { id: id.clone(), name: name.to_owned(), fifo: options.fifo, kms_key };
        self.topics.insert(id, Draft { handle: handle.clone(), options, policy: Vec::new() });
        handle
    }

    /// Delivers the topic's messages to a queue, without SNS's envelope.
    pub fn subscribe_queue(&mut self, topic: &TopicHandle, queue: &(impl Clone + Into<AnyQueue>)) {
        let queue = any(queue);
        let id = self.logical_id(&[topic.id.as_str(), queue.id.as_str(), "Subscription"], &topic.name);
        if queue.fifo && !topic.fifo {
            let message =
                format!("`{}` is a FIFO queue, but the topic `{}` is standard.", queue.name, topic.name);
            let found = Diagnostic::new(&TOPIC_KIND_MISMATCH, message).at(&id).about(&topic.name);
            self.report(found.help("Set `fifo` on both or on none."));
        }
        let allow = Statement::allow(&["sqs:SendMessage"], vec![queue.arn()])
            .to(Principal::Service("sns.amazonaws.com".to_owned()))
            .when("ArnEquals", "aws:SourceArn", topic.arn());
        self.allow_on_queue(&queue, allow);
        let subscription = Subscription {
            raw_message_delivery: Some(true.into()),
            ..Subscription::new(topic.arn(), Protocol::Sqs, queue.arn())
        };
        self.stack.add(id, subscription);
    }

    /// Invokes a function asynchronously with the topic's messages; undeliverable ones go to `on_failure`'s queue.
    pub fn subscribe_function(&mut self, topic: &TopicHandle, function: &FunctionHandle) {
        let id = self.logical_id(&[topic.id.as_str(), function.id.as_str(), "Subscription"], &topic.name);
        let permission_id = self.logical_id(&[id.as_str(), "Permission"], &topic.name);
        let permission = Permission {
            action: "lambda:InvokeFunction".into(),
            function_name: function.arn(),
            principal: "sns.amazonaws.com".into(),
            source_account: None,
            source_arn: Some(topic.arn()),
        };
        self.stack.add(permission_id, permission);
        let mut redrive_policy = None;
        if let Some(draft) = self.functions.get_mut(&function.id) {
            draft.is_invoked_asynchronously = true;
            redrive_policy = draft.options.on_failure.clone();
        }
        if let Some(queue) = &redrive_policy {
            let allow = Statement::allow(&["sqs:SendMessage"], vec![queue.arn()])
                .to(Principal::Service("sns.amazonaws.com".to_owned()))
                .when("ArnEquals", "aws:SourceArn", topic.arn());
            self.allow_on_queue(queue, allow);
        }
        let subscription = Subscription {
            redrive_policy: redrive_policy.map(|queue| RedrivePolicy { dead_letter_target_arn: queue.arn() }),
            ..Subscription::new(topic.arn(), Protocol::Lambda, function.arn())
        };
        self.stack.add(id, subscription);
    }

    /// Lets the alarms of this account and Region publish.
    pub(super) fn allow_alarms_on(&mut self, topic: &TopicHandle) {
        let allow = Statement::allow(&["sns:Publish"], vec![topic.arn()])
            .named("Alarms")
            .to(Principal::Service("cloudwatch.amazonaws.com".to_owned()))
            .when("ArnLike", "aws:SourceArn", arn("cloudwatch", "alarm:*"))
            .when("StringEquals", "aws:SourceAccount", account());
        if let Some(draft) = self.topics.get_mut(&topic.id)
            && !draft.policy.contains(&allow)
        {
            draft.policy.push(allow);
        }
    }
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    for (id, Draft { handle, options, policy }) in std::mem::take(&mut pipeline.topics) {
        pipeline.stack.add(id.clone(), resource(&handle, &options));
        let policy_id = pipeline.logical_id(&[id.as_str(), "Policy"], &handle.name);
        let deny = Statement::deny(&["sns:Publish"], vec![handle.arn()])
            .named("TlsOnly")
            .to(Principal::Everyone)
            .when("Bool", "aws:SecureTransport", "false");
        let statements = std::iter::once(deny).chain(policy).collect();
        let policy =
            TopicPolicy { policy_document: PolicyDocument::new(statements), topics: vec![handle.arn()] };
        pipeline.stack.add(policy_id, policy);
        for (number, subscription) in (1..).zip(&options.subscriptions) {
            let words = format!("Subscription{number}");
            let subscription_id = pipeline.logical_id(&[id.as_str(), &words], &handle.name);
            let TopicSubscription { protocol, endpoint } = subscription;
            pipeline.stack.add(subscription_id, Subscription::new(handle.arn(), *protocol, endpoint.clone()));
        }
        pipeline.output(&id, "Arn", handle.arn(), format!("ARN of topic `{}`.", handle.name));
    }
}

fn resource(handle: &TopicHandle, options: &TopicOptions) -> Topic {
    let fifo = options.fifo;
    Topic {
        content_based_deduplication: fifo.then(|| options.content_based_deduplication.into()),
        display_name: options.display_name.clone().map(Value::from),
        fifo_topic: fifo.then(|| true.into()),
        kms_master_key_id: options.kms_key.clone(),
        topic_name: fifo.then(|| Value::sub(format!("${{AWS::StackName}}-{}.fifo", handle.name))),
        ..Topic::default()
    }
}
