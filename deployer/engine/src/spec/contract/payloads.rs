//! Payloads: what one function sends into a queue, the function behind it can read; also when the
//! message comes there as a dead letter.

use super::{Bound, Checker, Event, Payload, ValueKind};
use crate::diagnostic::UNREADABLE_PAYLOAD;
use crate::spec::file::{Access, EnvironmentValue, EventSource, Name, QueueVerb};

/// A payload on its way into a queue.
struct Arrival<'a> {
    sender: &'a str,
    payload: &'a Payload,
}

/// A function that reads a queue, and where the spec says so.
struct Reader<'a> {
    name: &'a str,
    queue: &'a Name,
    payloads: &'a [Payload],
    path: Vec<String>,
}

impl<'a> Checker<'a> {
    pub(super) fn payloads(&mut self) {
        for reader in self.bound().into_iter().flat_map(readers) {
            for arrival in self.arrivals(reader.queue, &mut Vec::new()) {
                if !reader.payloads.contains(arrival.payload) {
                    self.unreadable(&reader, &arrival);
                }
            }
        }
    }

    /// Lists what is sent to a queue, or comes there from the queues whose dead letters it takes.
    fn arrivals(&self, queue: &'a Name, seen: &mut Vec<&'a Name>) -> Vec<Arrival<'a>> {
        if seen.contains(&queue) {
            return Vec::new();
        }
        seen.push(queue);
        let mut arrivals: Vec<Arrival<'a>> =
            self.bound().into_iter().flat_map(|bound| sent(bound, queue)).collect();
        for (source, settings) in &self.spec.queues {
            if settings.redrive.as_ref().is_some_and(|redrive| redrive.dead_letter_queue == *queue) {
                arrivals.extend(self.arrivals(source, seen));
            }
        }
        arrivals
    }

    fn unreadable(&mut self, reader: &Reader<'a>, arrival: &Arrival<'a>) {
        let Reader { name, queue, payloads, path } = reader;
        let Arrival { sender, payload } = arrival;
        let message =
            format!("`{name}` cannot read `{payload}`, which `{sender}` puts into the queue `{queue}`.");
        let readable: Vec<String> = payloads.iter().map(|payload| format!("`{payload}`")).collect();
        let readable = readable.join(", ");
        let help = match payloads.iter().any(|known| known.name() == payload.name()) {
            true => {
                format!("It reads {readable}; let it read both versions before `{sender}` sends the other.")
            }
            false => format!("It reads {readable}; give the other payload a queue of its own."),
        };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        self.report(&UNREADABLE_PAYLOAD, &path, message, Some(help));
    }
}

/// Lists the queues that a function reads by its events or by itself, where its contract says what
/// it can read.
fn readers(bound: Bound<'_>) -> Vec<Reader<'_>> {
    let taken = bound.contract.events.iter().flatten().find_map(|event| match event {
        Event::Queue { payloads } if !payloads.is_empty() => Some(payloads.as_slice()),
        _ => None,
    });
    let events = bound.function.events.iter().enumerate();
    let by_event = events.filter_map(|(index, event)| match (event, taken) {
        (EventSource::Queue(source), Some(payloads)) => {
            let path = ["functions", bound.name, "events", &index.to_string(), "queue"].map(str::to_owned);
            Some(Reader { name: bound.name, queue: &source.queue, payloads, path: path.to_vec() })
        }
        _ => None,
    });
    let by_itself = queues(bound).filter_map(|(variable, queue, access, payloads)| {
        let path = ["functions", bound.name, "environment", variable, "queue"].map(str::to_owned);
        let reader = Reader { name: bound.name, queue, payloads, path: path.to_vec() };
        (access != QueueVerb::Send && !payloads.is_empty()).then_some(reader)
    });
    by_event.chain(by_itself).collect()
}

fn sent<'a>(bound: Bound<'a>, queue: &Name) -> Vec<Arrival<'a>> {
    let here = queues(bound).filter(|(_, to, access, _)| *access == QueueVerb::Send && *to == queue);
    here.flat_map(|(.., payloads)| payloads).map(|payload| Arrival { sender: bound.name, payload }).collect()
}

/// Lists the variables that name a queue: variable, queue, what the function does with it, payloads.
fn queues<'a>(bound: Bound<'a>) -> impl Iterator<Item = (&'a str, &'a Name, QueueVerb, &'a [Payload])> {
    bound.contract.environment.iter().filter_map(move |(name, variable)| {
        let ValueKind::QueueUrl { access, payloads } = &variable.value else { return None };
        match bound.function.environment.get(name)? {
            EnvironmentValue::Access(Access::Queue(binding)) => {
                Some((name.as_str(), &binding.queue, *access, payloads.as_slice()))
            }
            _ => None,
        }
    })
}
