//! Events: nothing invokes a function with an event that it does not take.

use super::{Bound, Checker, Event};
use crate::diagnostic::UNTAKEN_EVENT;
use crate::spec::file::{EventSource, Name, Route};

impl<'a> Checker<'a> {
    pub(super) fn events(&mut self, bound: Bound<'a>) {
        for (index, event) in bound.function.events.iter().enumerate() {
            let (key, words, fits): (_, _, fn(&Event) -> bool) = match event {
                EventSource::Bucket(_) => {
                    ("bucket", "notifications of a bucket", |event| *event == Event::Bucket)
                }
                EventSource::Queue(_) => {
                    ("queue", "messages of a queue", |event| matches!(event, Event::Queue { .. }))
                }
                EventSource::Alarm(_) => ("alarm", "alarms", |event| *event == Event::Alarm),
            };
            let index = index.to_string();
            self.event(bound, &["functions", bound.name, "events", &index, key], words, fits);
        }
    }

    pub(super) fn routes(&mut self) {
        for (name, api) in &self.spec.apis {
            for (key, route) in &api.routes {
                let path = ["apis", name.as_str(), "routes", key.as_str(), "function"];
                let (function, length) = match route {
                    Route::Function(function) => (function, 4),
                    Route::Authorized(route) => (&route.function, 5),
                };
                if let Some(bound) = self.function(function) {
                    self.event(bound, &path[..length], "requests of an API", |event| *event == Event::Api);
                }
            }
        }
    }

    fn function(&self, name: &Name) -> Option<Bound<'a>> {
        let (name, function) = self.spec.functions.get_key_value(name)?;
        self.bind(name, function)
    }

    fn event(&mut self, bound: Bound<'a>, path: &[&str], words: &str, fits: fn(&Event) -> bool) {
        let Some(taken) = &bound.contract.events else { return };
        if taken.iter().any(fits) {
            return;
        }
        let message = format!("`{}` does not take {words}.", bound.name);
        let help = match taken.iter().map(described).collect::<Vec<_>>().as_slice() {
            [] => "By its contract it takes no events.".to_owned(),
            taken => format!("By its contract it takes {}.", taken.join(" and ")),
        };
        self.report(&UNTAKEN_EVENT, path, message, Some(help));
    }
}

fn described(event: &Event) -> &'static str {
    match event {
        Event::Api => "requests of an API",
        Event::Bucket => "notifications of a bucket",
        Event::Queue { .. } => "messages of a queue",
        Event::Alarm => "alarms",
    }
}
