//! Functions that consume queues: mapping, grant, and the laws between a queue and its consumer.

use super::{Pipeline, any};
use crate::diagnostic::{
    BATCH_WITHOUT_WINDOW, CONCURRENCY_OVER_RESERVED, Diagnostic, FEW_RECEIVES, VISIBILITY_BELOW_SIX_TIMEOUTS,
    VISIBILITY_BELOW_TIMEOUT,
};
use crate::handle::{AnyQueue, FunctionHandle};
use crate::lambda::{
    BatchSize, EventSourceMapping, Filter, FilterCriteria, FunctionResponseType, MaximumBatchingWindow,
    MaximumConcurrency, ScalingConfig, Timeout,
};
use crate::unit::{Count, Seconds};
use crate::value::Value;

/// How a function consumes a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageOptions {
    /// Most messages in one invocation: above 10 with a batching window, 10 at most from a FIFO queue. Default: 10.
    pub batch_size: BatchSize,
    /// Time Lambda gathers messages; not for FIFO queues. Default: 0 s.
    pub batching_window: MaximumBatchingWindow,
    /// Most invocations at the same time. Default: no bound but the function's.
    pub maximum_concurrency: Option<MaximumConcurrency>,
    /// Whether Lambda polls. Default: true.
    pub enabled: bool,
    /// Patterns as JSON text, of which a message must match one; SQS deletes the others. Default: none.
    pub filters: Vec<String>,
}

impl Default for MessageOptions {
    fn default() -> Self {
        Self {
            batch_size: BatchSize::constant(Count(10)),
            batching_window: MaximumBatchingWindow::constant(Seconds(0)),
            maximum_concurrency: None,
            enabled: true,
            filters: Vec::new(),
        }
    }
}

impl Pipeline {
    /// Invokes `function` with batches of the queue's messages; only those it reports as failed are tried again.
    ///
    /// Grants what the mapping needs. The mapping refers to the function and so waits for its role and policy.
    pub fn on_message(
        &mut self,
        function: &FunctionHandle,
        queue: &(impl Clone + Into<AnyQueue>),
        options: MessageOptions,
    ) {
        let queue = any(queue);
        self.grant(function, queue.consume());
        let id = self.logical_id(&[&function.name, queue.id.as_str(), "Mapping"], &function.name);
        let found = check_batch(&queue, &options);
        if let Some(diagnostic) = found {
            self.report(diagnostic.at(&id).about(&function.name));
        }
        match self.queues.get_mut(&queue.id) {
            Some(draft) => draft.consumers.push((function.id.clone(), options.batching_window.get())),
            None => self.report_foreign("queue", &queue.name, &queue.id),
        }
        if let (Some(draft), Some(most)) = (self.functions.get_mut(&function.id), options.maximum_concurrency)
        {
            draft.mapped_concurrency += most.get().0;
        }
        self.stack.add(id, mapping(function, &queue, options));
    }
}

fn mapping(function: &FunctionHandle, queue: &AnyQueue, options: MessageOptions) -> EventSourceMapping {
    let window = options.batching_window;
    let filters: Vec<_> =
        options.filters.into_iter().map(|pattern| Filter { pattern: pattern.into() }).collect();
    EventSourceMapping {
        batch_size: Some(options.batch_size.into()),
        enabled: (!options.enabled).then(|| false.into()),
        filter_criteria: (!filters.is_empty()).then_some(FilterCriteria { filters }),
        function_response_types: Some(vec![FunctionResponseType::ReportBatchItemFailures]),
        maximum_batching_window_in_seconds: (window.get().0 > 0).then(|| window.into()),
        scaling_config: options
            .maximum_concurrency
            .map(|most| ScalingConfig { maximum_concurrency: Value::from(most) }),
        ..EventSourceMapping::new(queue.arn(), function.arn())
    }
}

/// E3006.
fn check_batch(queue: &AnyQueue, options: &MessageOptions) -> Option<Diagnostic> {
    let (size, window) = (options.batch_size.get().0, options.batching_window.get().0);
    let name = &queue.name;
    let (message, help) = if queue.fifo && (size > 10 || window > 0) {
        let message =
            format!("`{name}` is a FIFO queue, but the mapping has batch size {size} and window {window} s.");
        (message, "Use a batch size of at most 10 and no batching window.")
    } else if size > 10 && window == 0 {
        let message = format!("The mapping of `{name}` has batch size {size}, but no batching window.");
        (message, "Set a batching window of at least 1 s, or a batch size of at most 10.")
    } else {
        return None;
    };
    Some(Diagnostic::new(&BATCH_WITHOUT_WINDOW, message).path("Properties.BatchSize").help(help))
}

/// E3004, W3005, W3008 and E3009, when everything is wired.
pub(super) fn check(pipeline: &mut Pipeline) {
    let mut found = Vec::new();
    for (id, draft) in &pipeline.queues {
        for (function, window) in &draft.consumers {
            let Some(consumer) = pipeline.functions.get(function) else { continue };
            let explicit = draft.options.visibility_timeout.map(|visibility| visibility.get());
            let checked = explicit.and_then(|visibility| {
                check_visibility(visibility, consumer.options.timeout, *window, &consumer.handle.name)
            });
            found.extend(checked.map(|diagnostic| diagnostic.at(id).about(&draft.handle.name)));
        }
        let few = draft.options.redrive.as_ref().filter(|redrive| redrive.max_receive_count.get().0 < 5);
        if let Some(redrive) = few.filter(|_| !draft.consumers.is_empty()) {
            let count = redrive.max_receive_count.get().0;
            let message = format!("`{}` moves messages after {count} receives.", draft.handle.name);
            let few =
                Diagnostic::new(&FEW_RECEIVES, message).path("Properties.RedrivePolicy.maxReceiveCount");
            found.push(few.at(id).about(&draft.handle.name).help("Set `max_receive_count` to at least 5."));
        }
    }
    for (id, draft) in &pipeline.functions {
        let reserved = draft.options.reserved_concurrent_executions.map(|reserved| reserved.get().0);
        if let Some(reserved) = reserved.filter(|&reserved| reserved < draft.mapped_concurrency) {
            let name = &draft.handle.name;
            let mapped = draft.mapped_concurrency;
            let message =
                format!("Mappings may run `{name}` {mapped} times at once, but {reserved} are reserved.");
            let found_here = Diagnostic::new(&CONCURRENCY_OVER_RESERVED, message);
            found.push(found_here.at(id).about(name).path("Properties.ReservedConcurrentExecutions"));
        }
    }
    found.into_iter().for_each(|diagnostic| pipeline.report(diagnostic));
}

fn check_visibility(
    visibility: Seconds,
    timeout: Timeout,
    window: Seconds,
    consumer: &str,
) -> Option<Diagnostic> {
    let advised = super::queue::advised_visibility_timeout(timeout, window).get();
    let (code, least) = if visibility < timeout.get() {
        (&VISIBILITY_BELOW_TIMEOUT, timeout.get())
    } else if visibility < advised {
        (&VISIBILITY_BELOW_SIX_TIMEOUTS, advised)
    } else {
        return None;
    };
    let message = format!(
        "The visibility timeout is {visibility}, but its consumer `{consumer}` may run for {}.",
        timeout.get()
    );
    let help = format!("Leave it out, or set at least {least}; advised are {advised}.");
    Some(Diagnostic::new(code, message).path("Properties.VisibilityTimeout").help(help))
}
