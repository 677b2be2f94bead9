//! Topics: by TLS only, with subscriptions and the policies these need.
//!
//! A topic is not encrypted at rest by default. The key that AWS manages, `alias/aws/sns`, has a fixed policy that
//! does not let CloudWatch use it, so an alarm's message would be lost without a word. [`TopicKey::Own`] makes a key
//! whose policy lets this account's alarms use it, to have both.

use super::{Pipeline, account, any, arn};
use crate::diagnostic::{Diagnostic, TOPIC_KIND_MISMATCH};
use crate::handle::{AnyQueue, FunctionHandle, TopicHandle};
use crate::iam::{PolicyDocument, Principal, Statement};
use crate::kms::{Key, PendingWindow, STACK_TAG};
use crate::lambda::Permission;
use crate::logical_id::LogicalId;
use crate::resource::Tag;
use crate::sns::{Protocol, RedrivePolicy, Subscription, Topic, TopicPolicy};
use crate::stack::{ResourceAttributes, RetentionPolicy};
use crate::unit::Days;
use crate::value::{PseudoParameter, Value};

/// Someone outside the pipeline who gets a topic's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSubscription {
    /// How: mail, text message, HTTPS, or a queue or function of another stack by ARN.
    pub protocol: Protocol,
    /// Where: address, number, URL or ARN.
    pub endpoint: Value<String>,
}

/// The shortest: a topic keeps messages only until they are delivered, so nothing is lost with its key.
const PENDING_WINDOW: PendingWindow = PendingWindow::constant(Days(7));

/// Which key encrypts a topic's messages at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicKey {
    /// None: SNS keeps messages only until they are delivered.
    #[default]
    None,
    /// A customer managed key made for the topic, rotated every year, that the pipeline's publishers and this
    /// account's alarms may use. KMS charges by the key and month.
    Own,
    /// ARN of a customer managed key. Its policy must let `cloudwatch.amazonaws.com` use it if alarms publish.
    Arn(Value<String>),
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
    /// Encryption at rest. Default: none, see the module's page.
    pub key: TopicKey,
    /// Who gets the messages. Default: nobody.
    pub subscriptions: Vec<TopicSubscription>,
}

/// A topic being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    handle: TopicHandle,
    options: TopicOptions,
    policy: Vec<Statement>,
    /// The topic's own key, and who else may use it.
    own_key: Option<OwnKey>,
}

#[derive(Debug, Clone)]
struct OwnKey {
    id: LogicalId,
    policy: Vec<Statement>,
}

impl Pipeline {
    /// Adds a topic.
    pub fn topic(&mut self, name: &str, options: TopicOptions) -> TopicHandle {
        let id = self.declare(name, "topic", |pipeline, id| pipeline.topics.contains_key(id));
        let mut own_key = None;
        let kms_key = match &options.key {
            TopicKey::None => None,
            TopicKey::Own => {
                let key_id = self.logical_id(&[id.as_str(), "Key"], name);
                let arn = Value::attribute(&key_id, "Arn");
                own_key = Some(OwnKey { id: key_id, policy: Vec::new() });
                Some(arn)
            }
            TopicKey::Arn(arn) => Some(arn.clone()),
        };
        let handle = TopicHandle { id: id.clone(), name: name.to_owned(), fifo: options.fifo, kms_key };
        self.topics.insert(id, Draft { handle: handle.clone(), options, policy: Vec::new(), own_key });
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
        match self.functions.get_mut(&function.id) {
            Some(draft) => {
                draft.is_invoked_asynchronously = true;
                redrive_policy = draft.options.on_failure.clone();
            }
            None => self.report_foreign("function", &function.name, &function.id),
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
        let Some(draft) = self.topics.get_mut(&topic.id) else {
            return self.report_foreign("topic", &topic.name, &topic.id);
        };
        let publish = for_alarms(&["sns:Publish"], topic.arn());
        if !draft.policy.contains(&publish) {
            draft.policy.push(publish);
            if let Some(key) = &mut draft.own_key {
                // CloudWatch itself calls KMS; what the account may do does not cover a service.
                key.policy.push(for_alarms(&["kms:Decrypt", "kms:GenerateDataKey*"], "*".into()));
            }
        }
    }
}

/// Allows this account's alarms of this Region, and no one else's.
fn for_alarms(actions: &[&str], resource: Value<String>) -> Statement {
    Statement::allow(actions, vec![resource])
        .named("Alarms")
        .to(Principal::Service("cloudwatch.amazonaws.com".to_owned()))
        .when("ArnLike", "aws:SourceArn", arn("cloudwatch", "alarm:*"))
        .when("StringEquals", "aws:SourceAccount", account())
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    for (id, Draft { handle, options, policy, own_key }) in std::mem::take(&mut pipeline.topics) {
        if let Some(OwnKey { id, policy }) = own_key {
            let key = key(&handle.name, policy);
            pipeline.stack.add_with(id, key, ResourceAttributes::keeping(RetentionPolicy::Delete));
        }
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
        kms_master_key_id: handle.kms_key.clone(),
        topic_name: fifo.then(|| Value::sub(format!("${{AWS::StackName}}-{}.fifo", handle.name))),
        ..Topic::default()
    }
}

/// Roles of the account use the key by their own policies, which the grants write.
fn key(topic: &str, policy: Vec<Statement>) -> Key {
    let account = Statement::allow(&["kms:*"], vec!["*".into()])
        .named("Account")
        .to(Principal::Aws(Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")));
    Key {
        description: Some(Value::from(format!("Encrypts topic `{topic}`."))),
        enable_key_rotation: Some(true.into()),
        key_policy: Some(PolicyDocument::new(std::iter::once(account).chain(policy).collect())),
        pending_window_in_days: Some(PENDING_WINDOW.into()),
        tags: Some(vec![Tag { key: STACK_TAG.to_owned(), value: Value::pseudo(PseudoParameter::StackName) }]),
        ..Key::default()
    }
}
