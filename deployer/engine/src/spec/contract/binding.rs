//! Bindings: a variable names the kind of resource that the function expects, with the access that
//! it needs.

use super::{Bound, Checker, ValueKind, Variable};
use crate::diagnostic::{WEAK_ACCESS, WRONG_BINDING};
use crate::spec::file::{Access, Name};

impl<'a> Checker<'a> {
    pub(super) fn binding(&mut self, bound: Bound<'a>, name: &str, variable: &Variable, access: &Access) {
        let (kind, resource) = described(access);
        if !fits(&variable.value, access) {
            let message =
                format!("`{name}` of `{}` is {}, and `{resource}` is a {kind}.", bound.name, variable.value);
            let help = format!("Write `{}`.", self.snippet(name, variable));
            let path = ["functions", bound.name, "environment", name];
            return self.report(&WRONG_BINDING, &path, message, Some(help));
        }
        let Some(lacking) = self.granted(bound.function, access).lacks(&variable.value) else { return };
        let message = format!("`{}` {lacking} `{resource}`, for which it has no permission.", bound.name);
        let help = format!("Write `{}`.", self.snippet_for(name, variable, resource));
        let last = if has_actions(access) { "actions" } else { "access" };
        let path = ["functions", bound.name, "environment", name, last];
        self.report(&WEAK_ACCESS, &path, message, Some(help));
    }

    /// True when the text is the name that a resource of the kind has in the spec, which is not the
    /// name that AWS knows it by.
    pub(super) fn is_name_in_spec(&self, value: &ValueKind, text: &str) -> bool {
        self.names_of(value).iter().any(|name| name.as_str() == text)
    }

    pub(super) fn name_as_text(&mut self, bound: Bound<'a>, name: &str, variable: &Variable, text: &str) {
        let message = format!("`{text}` is a name of this file, and not {}.", variable.value);
        let help = format!("Bind it: `{}`.", self.snippet_for(name, variable, &Name(text.to_owned())));
        let path = ["functions", bound.name, "environment", name];
        self.report(&WRONG_BINDING, &path, message, Some(help));
    }
}

fn described(access: &Access) -> (&'static str, &Name) {
    match access {
        Access::Queue(access) => ("queue", &access.queue),
        Access::Table(access) => ("table", &access.table),
        Access::Bucket(access) => ("bucket", &access.bucket),
        Access::Topic(access) => ("topic", &access.topic),
    }
}

fn fits(value: &ValueKind, access: &Access) -> bool {
    match value {
        ValueKind::Text | ValueKind::Secret => true,
        ValueKind::Choice(_) | ValueKind::Number { .. } => false,
        ValueKind::QueueUrl { .. } => matches!(access, Access::Queue(_)),
        ValueKind::TableName { .. } => matches!(access, Access::Table(_)),
        ValueKind::BucketName { .. } => matches!(access, Access::Bucket(_)),
        ValueKind::TopicArn => matches!(access, Access::Topic(_)),
    }
}

fn has_actions(access: &Access) -> bool {
    matches!(access, Access::Table(access) if !access.actions.is_empty())
}
