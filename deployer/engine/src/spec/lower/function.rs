//! Functions: settings, environment, access, and what invokes them.

use serde_json::json;
use stack_model::Value;
use stack_model::grant::{Grant, TableAction};
use stack_model::handle::FunctionHandle;
use stack_model::lambda::{
    self, BatchSize, EphemeralStorageSize, MaximumBatchingWindow, MaximumConcurrency, MaximumRetryAttempts,
    ReservedConcurrentExecutions, Timeout,
};
use stack_model::pipeline::{FunctionOptions, MessageOptions, ObjectEvents};
use stack_model::s3::ObjectEvent;
use stack_model::unit::Count;

use super::Lowering;
use crate::diagnostic::VALUE_NOT_ALLOWED;
use crate::package::crate_metadata;
use crate::spec::crates::function_crate;
use crate::spec::file::{
    self, Access, BucketAccess, DataVerb, EnvironmentValue, EventSource, Function, FunctionArchitecture,
    MessageEvents, Name, QueueVerb, SecretValue, TableAccess,
};
use crate::spec::nearest::did_you_mean;

impl<'a> Lowering<'a> {
    pub(super) fn functions(&mut self) {
        for (name, function) in &self.spec.functions {
            let options = self.function_options(name, function);
            let handle = self.pipeline.function(name.as_str(), options);
            self.places.know(handle.id().as_str(), &["functions", name.as_str()]);
            let metadata = crate_metadata(&function_crate(name, function));
            self.pipeline.stack_mut().override_resource(handle.id().clone(), json!({"Metadata": metadata}));
            self.functions.insert(name, handle.clone());
            for (variable, value) in &function.environment {
                self.variable(&handle, variable, value);
            }
            for access in &function.access {
                self.access(&handle, access);
            }
            for (index, event) in function.events.iter().enumerate() {
                self.event(name, &handle, event, &index.to_string());
            }
        }
    }

    fn function_options(&mut self, name: &Name, function: &Function) -> FunctionOptions {
        let name = name.as_str();
        let path = |key: &'static str| ["functions", name, key];
        let defaults = FunctionOptions::default();
        let memory = function.memory_size.map(|size| lambda::MemorySize::new(size.get()));
        let timeout = function.timeout.map(|span| Timeout::new(span.get()));
        let storage = function.ephemeral_storage.map(|size| EphemeralStorageSize::new(size.get()));
        let reserved =
            function.reserved_concurrency.map(|count| ReservedConcurrentExecutions::new(Count(count)));
        let retries = function.maximum_retry_attempts.map(|count| MaximumRetryAttempts::new(Count(count)));
        let on_failure = function.on_failure.as_ref().and_then(|queue| self.queues.get(queue));
        let on_failure = on_failure.map(|queue| queue.to_standard("an asynchronous destination"));
        let on_failure = match on_failure {
            Some(Err(found)) => {
                let place = path("on_failure");
                self.report(found.code, &place, found.message, found.help);
                None
            }
            Some(Ok(queue)) => Some(queue),
            None => None,
        };
        FunctionOptions {
            description: function.description.clone(),
            memory_size: self.ranged(&path("memory_size"), memory).unwrap_or(defaults.memory_size),
            timeout: self.ranged(&path("timeout"), timeout).unwrap_or(defaults.timeout),
            architecture: function.architecture.map(|architecture| match architecture {
                FunctionArchitecture::Arm64 => lambda::Architecture::Arm64,
                FunctionArchitecture::X86_64 => lambda::Architecture::X86_64,
            }),
            ephemeral_storage: self.ranged(&path("ephemeral_storage"), storage),
            reserved_concurrent_executions: self.ranged(&path("reserved_concurrency"), reserved),
            on_failure,
            maximum_retry_attempts: self.ranged(&path("maximum_retry_attempts"), retries),
            ..defaults
        }
    }

    fn variable(&mut self, handle: &FunctionHandle, variable: &str, value: &EnvironmentValue) {
        let value: Option<Value<String>> = match value {
            EnvironmentValue::Literal(literal) => Some(literal.to_string().into()),
            EnvironmentValue::Access(access) => self.access(handle, access),
            EnvironmentValue::Parameter(value) => Some(Value::sub(format!("${{{}}}", value.parameter))),
            EnvironmentValue::Secret(secret) => Some(dynamic_reference(secret).into()),
        };
        if let Some(value) = value {
            self.pipeline.environment(handle, variable, value);
        }
    }

    /// Grants the access and returns what the function calls the resource by.
    fn access(&mut self, handle: &FunctionHandle, access: &Access) -> Option<Value<String>> {
        let (value, grant) = match access {
            Access::Queue(access) => {
                let queue = self.queues.get(&access.queue)?;
                let grant = match access.access {
                    QueueVerb::Send => queue.send(),
                    QueueVerb::Receive => queue.receive(),
                    QueueVerb::Consume => queue.consume(),
                };
                (queue.url(), grant)
            }
            Access::Table(access) => {
                (self.tables.get(&access.table)?.table_name(), self.table_grant(access)?)
            }
            Access::Bucket(access) => {
                (self.buckets.get(&access.bucket)?.bucket_name(), self.bucket_grant(access)?)
            }
            Access::Topic(access) => {
                let topic = self.topics.get(&access.topic)?;
                (topic.arn(), topic.publish())
            }
        };
        self.pipeline.grant(handle, grant);
        Some(value)
    }

    fn table_grant(&self, access: &TableAccess) -> Option<Grant> {
        let table = self.tables.get(&access.table)?;
        if access.actions.is_empty() {
            return Some(match access.access {
                DataVerb::Read => table.read(),
                DataVerb::Write => table.write(),
                DataVerb::ReadWrite => table.read_write(),
            });
        }
        let actions: Vec<TableAction> =
            access.actions.iter().filter_map(|name| TableAction::from_name(name)).collect();
        Some(table.actions(&actions))
    }

    fn bucket_grant(&self, access: &BucketAccess) -> Option<Grant> {
        let bucket = self.buckets.get(&access.bucket)?;
        let prefix = access.prefix.as_deref().unwrap_or_default();
        let read = || bucket.read(prefix).and(bucket.list());
        let write = || bucket.write(prefix).and(bucket.delete(prefix));
        Some(match access.access {
            DataVerb::Read => read(),
            DataVerb::Write => write(),
            DataVerb::ReadWrite => read().and(write()),
        })
    }

    fn event(&mut self, function: &Name, handle: &FunctionHandle, event: &EventSource, index: &str) {
        let path = ["functions", function.as_str(), "events", index];
        match event {
            EventSource::Bucket(source) => self.object_events(handle, source, &path),
            EventSource::Queue(source) => {
                let options = self.message_options(source, &path);
                let Some(queue) = self.queues.get(&source.queue) else { return };
                self.pipeline.on_message(handle, queue, options);
            }
            // The alarm names the function, see the lowering of alarms.
            EventSource::Alarm(_) => {}
        }
    }

    fn object_events(&mut self, handle: &FunctionHandle, source: &file::ObjectEvents, path: &[&str]) {
        let mut events = Vec::new();
        for (index, text) in source.events.iter().enumerate() {
            match ObjectEvent::from_name(text) {
                Some(event) => events.push(event),
                None => {
                    let index = index.to_string();
                    let known = ObjectEvent::ALL.iter().map(|(name, _)| *name);
                    let help = did_you_mean(text, known);
                    let message = format!("`{text}` is not an event type of S3.");
                    self.report(&VALUE_NOT_ALLOWED, &[path, &["events", &index]].concat(), message, help);
                }
            }
        }
        let Some(bucket) = self.buckets.get(&source.bucket) else { return };
        let defaults = ObjectEvents::default();
        let options = ObjectEvents {
            events: if events.is_empty() { defaults.events } else { events },
            prefix: source.prefix.clone(),
            suffix: source.suffix.clone(),
        };
        self.pipeline.on_object(handle, bucket, options);
        // Without it S3 answers 403 for an object that is gone, which nobody can tell from a lost permission.
        self.pipeline.grant(handle, bucket.list());
    }

    fn message_options(&mut self, source: &MessageEvents, path: &[&str]) -> MessageOptions {
        let defaults = MessageOptions::default();
        let key = |key: &'static str| [path, &[key]].concat();
        let size = source.batch_size.map(|size| BatchSize::new(Count(size)));
        let window = source.batching_window.map(|span| MaximumBatchingWindow::new(span.get()));
        let concurrency = source.maximum_concurrency.map(|count| MaximumConcurrency::new(Count(count)));
        MessageOptions {
            batch_size: self.ranged(&key("batch_size"), size).unwrap_or(defaults.batch_size),
            batching_window: self.ranged(&key("batching_window"), window).unwrap_or(defaults.batching_window),
            maximum_concurrency: self.ranged(&key("maximum_concurrency"), concurrency),
            enabled: source.enabled.unwrap_or(defaults.enabled),
            ..defaults
        }
    }
}

/// Source: CloudFormation user guide, "Get a secret or secret value from Secrets Manager" (read
/// 2026-11-23).
fn dynamic_reference(secret: &SecretValue) -> String {
    match &secret.field {
        Some(field) => format!("{{{{resolve:secretsmanager:{}:SecretString:{field}}}}}", secret.secret),
        None => format!("{{{{resolve:secretsmanager:{}}}}}", secret.secret),
    }
}

/// Returns the names of the DynamoDB actions of an access, without their prefix.
pub(crate) fn table_actions(access: DataVerb) -> Vec<&'static str> {
    let actions = match access {
        DataVerb::Read => TableAction::READ.to_vec(),
        DataVerb::Write => TableAction::WRITE.to_vec(),
        DataVerb::ReadWrite => [&TableAction::READ[..], &TableAction::WRITE[..]].concat(),
    };
    actions.into_iter().map(|action| action.name().trim_start_matches("dynamodb:")).collect()
}
