//! What a bucket tells functions and queues about its objects, in one stack without a circle.
//!
//! The bucket depends on the permission, the permission on the function, the function on its role. Closing the
//! circle would take a role or permission that refers to the bucket; they use the bucket's computed ARN instead.

use super::{Pipeline, account, any};
use crate::diagnostic::{BUCKET_RECURSION, Diagnostic, EVENTS_MAY_BE_LOST, OVERLAPPING_NOTIFICATIONS};
use crate::handle::{BucketHandle, FunctionHandle, QueueHandle, Standard};
use crate::iam::{Principal, Statement};
use crate::lambda::Permission;
use crate::s3::{
    FilterRule, FilterRuleName, LambdaConfiguration, NotificationConfiguration, NotificationFilter,
    ObjectEvent, QueueConfiguration, S3KeyFilter,
};

/// Which events of which objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEvents {
    /// What happened. Default: an object was created in any way.
    pub events: Vec<ObjectEvent>,
    /// Start of the keys. Default: any.
    pub prefix: Option<String>,
    /// End of the keys. Default: any.
    pub suffix: Option<String>,
}

impl Default for ObjectEvents {
    fn default() -> Self {
        Self { events: vec![ObjectEvent::ObjectCreated], prefix: None, suffix: None }
    }
}

impl ObjectEvents {
    fn filter(&self) -> Option<NotificationFilter> {
        let named = [(FilterRuleName::Prefix, &self.prefix), (FilterRuleName::Suffix, &self.suffix)];
        let rule = |(name, text): (FilterRuleName, &Option<String>)| {
            text.clone().map(|value| FilterRule { name, value: value.into() })
        };
        let rules: Vec<_> = named.into_iter().filter_map(rule).collect();
        (!rules.is_empty()).then_some(NotificationFilter { s3_key: S3KeyFilter { rules } })
    }

    /// Whether one event of one object can match both: S3 refuses such a pair.
    fn overlaps(&self, other: &Self) -> bool {
        let (prefix, other_prefix) = (text(&self.prefix), text(&other.prefix));
        let (suffix, other_suffix) = (text(&self.suffix), text(&other.suffix));
        self.events.iter().any(|event| other.events.iter().any(|second| event.overlaps(*second)))
            && (prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix))
            && (suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix))
    }
}

fn text(option: &Option<String>) -> &str {
    option.as_deref().unwrap_or_default()
}

/// Who is told.
#[derive(Debug, Clone)]
enum Destination {
    Function(FunctionHandle),
    Queue(QueueHandle<Standard>),
}

impl Destination {
    fn name(&self) -> &str {
        match self {
            Self::Function(function) => function.user_name(),
            Self::Queue(queue) => queue.user_name(),
        }
    }
}

/// One use of a bucket's events.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    events: ObjectEvents,
    destination: Destination,
}

impl Notification {
    /// The bucket's property: one entry for each event, in order of wiring.
    pub(super) fn configure(notifications: &[Self]) -> Option<NotificationConfiguration> {
        let mut functions = Vec::new();
        let mut queues = Vec::new();
        for Self { events, destination } in notifications {
            for &event in &events.events {
                let filter = events.filter();
                match destination {
                    Destination::Function(function) => {
                        functions.push(LambdaConfiguration { event, filter, function: function.arn() });
                    }
                    Destination::Queue(queue) => {
                        queues.push(QueueConfiguration { event, filter, queue: queue.arn() });
                    }
                }
            }
        }
        let any = !functions.is_empty() || !queues.is_empty();
        any.then(|| NotificationConfiguration {
            lambda_configurations: (!functions.is_empty()).then_some(functions),
            queue_configurations: (!queues.is_empty()).then_some(queues),
            ..NotificationConfiguration::default()
        })
    }
}

impl Pipeline {
    /// Invokes `function` asynchronously with the bucket's events, and lets it read the objects they are about.
    pub fn on_object(&mut self, function: &FunctionHandle, bucket: &BucketHandle, events: ObjectEvents) {
        self.grant(function, bucket.read(text(&events.prefix)));
        let permission_id =
            self.logical_id(&[bucket.id.as_str(), &function.name, "Permission"], &function.name);
        if !self.stack.has_resource(&permission_id) {
            let permission = Permission {
                action: "lambda:InvokeFunction".into(),
                function_name: function.arn(),
                principal: "s3.amazonaws.com".into(),
                source_account: Some(account()),
                source_arn: Some(bucket.arn()),
            };
            self.stack.add(permission_id.clone(), permission);
        }
        if let Some(draft) = self.functions.get_mut(&function.id) {
            draft.is_invoked_asynchronously = true;
        }
        if let Some(draft) = self.buckets.get_mut(&bucket.id) {
            draft.settled_before.insert(permission_id);
            let destination = Destination::Function(function.clone());
            draft.notifications.push(Notification { events, destination });
        } else {
            self.report_foreign("bucket", &bucket.name, &bucket.id);
        }
    }

    /// Sends the bucket's events to a standard queue: S3 takes no FIFO queue.
    pub fn on_object_to_queue(
        &mut self,
        queue: &QueueHandle<Standard>,
        bucket: &BucketHandle,
        events: ObjectEvents,
    ) {
        let allow = Statement::allow(&["sqs:SendMessage"], vec![queue.arn()])
            .to(Principal::Service("s3.amazonaws.com".to_owned()))
            .when("ArnEquals", "aws:SourceArn", bucket.arn())
            .when("StringEquals", "aws:SourceAccount", account());
        self.allow_on_queue(&any(queue), allow);
        let policy_id = self.logical_id(&[queue.id().as_str(), "Policy"], queue.user_name());
        if let Some(draft) = self.buckets.get_mut(&bucket.id) {
            draft.settled_before.insert(policy_id);
            let destination = Destination::Queue(queue.clone());
            draft.notifications.push(Notification { events, destination });
        } else {
            self.report_foreign("bucket", &bucket.name, &bucket.id);
        }
    }
}

/// E3012, W3011 and W3014, when everything is wired.
pub(super) fn check(pipeline: &mut Pipeline) {
    let mut found = Vec::new();
    for (id, draft) in &pipeline.buckets {
        for (index, first) in draft.notifications.iter().enumerate() {
            for second in
                draft.notifications[..index].iter().filter(|other| other.events.overlaps(&first.events))
            {
                let (one, two) = (second.destination.name(), first.destination.name());
                let message =
                    format!("Objects of `{}` can match both `{one}` and `{two}`.", draft.handle.name);
                let overlap =
                    Diagnostic::new(&OVERLAPPING_NOTIFICATIONS, message).at(id).about(&draft.handle.name);
                found.push(overlap.help("Give them prefixes or suffixes that no key shares."));
            }
            if let Destination::Function(function) = &first.destination
                && writes_to(pipeline, function, &draft.handle, &first.events)
            {
                let message =
                    format!("`{}` writes to `{}`, which invokes it.", function.name, draft.handle.name);
                found
                    .push(Diagnostic::new(&BUCKET_RECURSION, message).at(&function.id).about(&function.name));
            }
        }
    }
    for (id, draft) in &pipeline.functions {
        if draft.is_invoked_asynchronously && draft.options.on_failure.is_none() {
            let name = &draft.handle.name;
            let message = format!("Events that fail for good in `{name}` are lost: it has no `on_failure`.");
            found.push(Diagnostic::new(&EVENTS_MAY_BE_LOST, message).at(id).about(name));
        }
    }
    found.into_iter().for_each(|diagnostic| pipeline.report(diagnostic));
}

/// Whether a grant of the function lets it put objects that the notification matches.
fn writes_to(
    pipeline: &Pipeline,
    function: &FunctionHandle,
    bucket: &BucketHandle,
    events: &ObjectEvents,
) -> bool {
    let watched = text(&events.prefix);
    let statements = pipeline.functions.get(&function.id).into_iter().flat_map(|draft| &draft.statements);
    let written = statements
        .filter(|statement| statement.action.iter().any(|action| action == "s3:PutObject"))
        .flat_map(|statement| &statement.resource)
        .filter_map(|resource| bucket.key_prefix_of(resource));
    written.into_iter().any(|prefix| prefix.starts_with(watched) || watched.starts_with(&prefix))
}
