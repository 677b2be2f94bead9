//! Variables: every one that the function requires is set, every one that is set is read, and a
//! literal is a value that the function can work with.

use super::{Bound, Checker, ValueKind, Variable};
use crate::diagnostic::{Diagnostic, LITERAL_SECRET, MISSING_VARIABLE, UNREAD_VARIABLE, UNUSABLE_VALUE};
use crate::spec::file::{EnvironmentValue, Scalar};
use crate::spec::nearest::did_you_mean;

/// Names, and starts of names, that Lambda's runtime, the AWS SDK, OpenTelemetry and Rust itself read.
/// Source: AWS Lambda developer guide, "Defined runtime environment variables"; AWS SDKs and Tools
/// reference guide, "Environment variables".
const READ_BY_OTHERS: [&str; 7] = ["AWS_", "OTEL_", "RUST_", "LD_", "LANG", "PATH", "TZ"];

impl<'a> Checker<'a> {
    pub(super) fn environment(&mut self, bound: Bound<'a>) {
        for (name, variable) in &bound.contract.environment {
            let path = ["functions", bound.name, "environment", name];
            match bound.function.environment.get(name) {
                // A value that is wrong in itself is reported already.
                None if self.tree.has(&path) => {}
                None => self.missing(bound, name, variable),
                Some(EnvironmentValue::Literal(literal)) if literal.to_string().is_empty() => {
                    self.missing(bound, name, variable);
                }
                Some(EnvironmentValue::Literal(literal)) => self.literal(bound, name, variable, literal),
                Some(EnvironmentValue::Access(access)) => self.binding(bound, name, variable, access),
                // What a parameter or a secret holds is not known here.
                Some(EnvironmentValue::Parameter(_) | EnvironmentValue::Secret(_)) => {}
            }
        }
        for name in bound.function.environment.keys() {
            self.unread(bound, name);
        }
    }

    fn missing(&mut self, bound: Bound<'a>, name: &str, variable: &Variable) {
        if !variable.required {
            return;
        }
        let message = format!("`{}` does not start without `{name}`, which is not set.", bound.name);
        let snippet = self.snippet(name, variable);
        let documentation = variable.documentation.iter().map(|text| format!("{text} "));
        let help = documentation.chain([format!("Add under `environment`: `{snippet}`.")]).collect();
        let path = ["functions", bound.name, "environment", name];
        self.report(&MISSING_VARIABLE, &path, message, Some(help));
    }

    fn unread(&mut self, bound: Bound<'a>, name: &str) {
        let declared = &bound.contract.environment;
        if declared.contains_key(name) || READ_BY_OTHERS.iter().any(|start| name.starts_with(start)) {
            return;
        }
        let unset = declared.keys().filter(|known| !bound.function.environment.contains_key(*known));
        let help = did_you_mean(name, unset.map(String::as_str)).unwrap_or_else(|| {
            format!("Remove it, or declare it in the contract of `{}`.", bound.function.crate_name)
        });
        let path = ["functions", bound.name, "environment", name];
        // The name is at fault, and not its value.
        self.diagnostics.push(Diagnostic {
            code: &UNREAD_VARIABLE,
            place: Some(self.tree.key_place_of(&path)),
            subject: path.join("."),
            message: format!("`{}` does not read `{name}`.", bound.name),
            help: Some(help),
        });
    }

    fn literal(&mut self, bound: Bound<'a>, name: &str, variable: &Variable, literal: &Scalar) {
        let text = literal.to_string();
        if text.starts_with("{{resolve:") {
            return;
        }
        let path = ["functions", bound.name, "environment", name];
        if variable.value == ValueKind::Secret {
            let help = format!("Name a secret of AWS Secrets Manager: `{}`.", self.snippet(name, variable));
            // The value itself is not repeated: a log may keep it.
            self.report(&LITERAL_SECRET, &path, format!("`{name}` holds a secret in the open."), Some(help));
        } else if self.is_name_in_spec(&variable.value, &text) {
            self.name_as_text(bound, name, variable, &text);
        } else if !variable.value.takes(&text) {
            let message = format!("`{name}` of `{}` is {}, and not `{text}`.", bound.name, variable.value);
            let help = match &variable.value {
                ValueKind::Choice(names) => did_you_mean(&text, names.iter().map(String::as_str)),
                _ => None,
            };
            let help = help.or_else(|| variable.documentation.clone());
            self.report(&UNUSABLE_VALUE, &path, message, help);
        }
    }
}
