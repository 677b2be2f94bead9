//! HTTP APIs and alarms.

use std::collections::BTreeMap;

use stack_model::Value;
use stack_model::apigatewayv2::{Cors, MaxAge};
use stack_model::cloudwatch::{ComparisonOperator, EvaluationPeriods, Period, Statistic, Threshold};
use stack_model::handle::{FunctionHandle, Metric};
use stack_model::pipeline::{AlarmOptions, ApiOptions, Authorization, JwtAuthorizer, Throttling};
use stack_model::unit::{Count, PerSecond};

use super::Lowering;
use crate::spec::file::{
    Alarm, AlarmComparison, AlarmStatistic, AlarmSubject, Api, EventSource, Name, Route,
};

impl<'a> Lowering<'a> {
    pub(super) fn apis(&mut self) {
        for (name, api) in &self.spec.apis {
            let options = self.api_options(name, api);
            let handle = self.pipeline.http_api(name.as_str(), options);
            self.places.know(handle.id().as_str(), &["apis", name.as_str()]);
            for (key, route) in &api.routes {
                let of_api = api.authorization.as_deref();
                let (function, authorization) = match route {
                    Route::Function(function) => (function, authorization(of_api, &[])),
                    Route::Authorized(route) => {
                        let own = route.authorization.as_deref();
                        (&route.function, authorization(own.or(of_api), &route.scopes))
                    }
                };
                if let Some(function) = self.functions.get(function) {
                    self.pipeline.route(&handle, key, function, authorization);
                }
            }
            self.apis.insert(name, handle);
        }
    }

    fn api_options(&mut self, name: &Name, api: &Api) -> ApiOptions {
        let defaults = ApiOptions::default();
        let authorizers: BTreeMap<String, JwtAuthorizer> = api
            .authorizers
            .iter()
            .map(|(name, authorizer)| {
                let audience = authorizer.audience.iter().cloned().map(Value::from).collect();
                (name.to_string(), JwtAuthorizer { issuer: authorizer.issuer.clone().into(), audience })
            })
            .collect();
        ApiOptions {
            cors: self.cors(name, api),
            throttling: api.throttling.map_or(defaults.throttling, |throttling| Throttling {
                rate_limit: PerSecond(throttling.rate_limit),
                burst_limit: Count(throttling.burst_limit),
            }),
            authorizers,
            ..defaults
        }
    }

    fn cors(&mut self, name: &Name, api: &Api) -> Option<Cors> {
        let cors = api.cors.as_ref()?;
        let path = ["apis", name.as_str(), "cors", "max_age"];
        let age = cors.max_age.map(|span| MaxAge::new(span.get()));
        let methods = if cors.allow_methods.is_empty() { methods(api) } else { cors.allow_methods.clone() };
        let headers = match cors.allow_headers.is_empty() {
            true => vec!["content-type".to_owned()],
            false => cors.allow_headers.clone(),
        };
        Some(Cors {
            allow_credentials: cors.allow_credentials.map(Value::from),
            allow_headers: texts(&headers),
            allow_methods: texts(&methods),
            allow_origins: texts(&cors.allow_origins),
            expose_headers: texts(&cors.expose_headers),
            max_age: self.ranged(&path, age).map(Value::from),
        })
    }

    pub(super) fn alarms(&mut self) {
        for (name, alarm) in &self.spec.alarms {
            let path = |key: &'static str| ["alarms", name.as_str(), key];
            let Some(metric) = self.metric(alarm) else { continue };
            let defaults = AlarmOptions::new(metric);
            let period = alarm.period.map(|span| Period::new(span.get()));
            let periods = alarm.evaluation_periods.map(|count| EvaluationPeriods::new(Count(count)));
            let threshold = self.ranged(&path("threshold"), Some(Threshold::new(alarm.threshold)));
            let notify = alarm.notify.iter().filter_map(|topic| self.topics.get(topic).cloned()).collect();
            let options = AlarmOptions {
                description: alarm.description.clone(),
                statistic: alarm.statistic.map_or(defaults.statistic, statistic),
                period: self.ranged(&path("period"), period).unwrap_or(defaults.period),
                threshold: threshold.unwrap_or(defaults.threshold),
                comparison_operator: alarm.comparison.map_or(defaults.comparison_operator, comparison),
                evaluation_periods: self
                    .ranged(&path("evaluation_periods"), periods)
                    .unwrap_or(defaults.evaluation_periods),
                notify,
                invoke: self.invoked_by(name),
                ..defaults
            };
            self.pipeline.alarm(name.as_str(), options);
        }
    }

    /// Lists the functions that name the alarm among their events.
    fn invoked_by(&self, alarm: &Name) -> Vec<FunctionHandle> {
        let names =
            |event: &EventSource| matches!(event, EventSource::Alarm(source) if source.alarm == *alarm);
        let functions = self.spec.functions.iter().filter(|(_, function)| function.events.iter().any(names));
        functions.filter_map(|(name, _)| self.functions.get(name).cloned()).collect()
    }

    fn metric(&self, alarm: &Alarm) -> Option<Metric> {
        let (namespace, dimension, value) = match &alarm.on {
            AlarmSubject::Queue(name) => ("AWS/SQS", "QueueName", self.queues.get(name)?.queue_name()),
            AlarmSubject::Function(name) => {
                ("AWS/Lambda", "FunctionName", self.functions.get(name)?.function_name())
            }
            AlarmSubject::Table(name) => ("AWS/DynamoDB", "TableName", self.tables.get(name)?.table_name()),
            AlarmSubject::Api(name) => ("AWS/ApiGateway", "ApiId", self.apis.get(name)?.api_id()),
        };
        Some(Metric::new(namespace, &alarm.metric, [(dimension, value)]))
    }
}

fn authorization(authorization: Option<&str>, scopes: &[String]) -> Authorization {
    match authorization {
        None | Some("none") => Authorization::None,
        Some("aws_iam") => Authorization::AwsIam,
        Some(authorizer) => Authorization::Jwt { authorizer: authorizer.to_owned(), scopes: scopes.to_vec() },
    }
}

fn texts(texts: &[String]) -> Option<Vec<Value<String>>> {
    (!texts.is_empty()).then(|| texts.iter().cloned().map(Value::from).collect())
}

/// The methods of the routes, for browsers to ask about.
fn methods(api: &Api) -> Vec<String> {
    let mut methods: Vec<String> = api
        .routes
        .keys()
        .filter_map(|key| key.split_once(' '))
        .map(|(method, _)| method.to_owned())
        .collect();
    methods.sort_unstable();
    methods.dedup();
    if methods.iter().any(|method| method == "ANY") { vec!["*".to_owned()] } else { methods }
}

fn statistic(statistic: AlarmStatistic) -> Statistic {
    match statistic {
        AlarmStatistic::Average => Statistic::Average,
        AlarmStatistic::Maximum => Statistic::Maximum,
        AlarmStatistic::Minimum => Statistic::Minimum,
        AlarmStatistic::SampleCount => Statistic::SampleCount,
        AlarmStatistic::Sum => Statistic::Sum,
    }
}

fn comparison(comparison: AlarmComparison) -> ComparisonOperator {
    match comparison {
        AlarmComparison::GreaterThanOrEqualToThreshold => ComparisonOperator::GreaterThanOrEqualToThreshold,
        AlarmComparison::GreaterThanThreshold => ComparisonOperator::GreaterThanThreshold,
        AlarmComparison::LessThanOrEqualToThreshold => ComparisonOperator::LessThanOrEqualToThreshold,
        AlarmComparison::LessThanThreshold => ComparisonOperator::LessThanThreshold,
    }
}
