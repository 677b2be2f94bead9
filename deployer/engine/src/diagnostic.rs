//! What is wrong or doubtful about the user's spec or template: facts, collected, never an error.

use stack_model::diagnostic::{Code, Severity};

use crate::spec::place::Place;
use crate::{property, review};

/// One finding about the user's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule found it.
    pub code: &'static Code,
    /// Position in the spec file; `None` when it concerns a template.
    pub place: Option<Place>,
    /// What it concerns: a path of keys (`functions.extract.timeout`), or a logical ID with the
    /// path of a property.
    pub subject: String,
    /// One sentence, wrong values in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// True when nothing may be deployed until it is mended.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

/// Finds the documentation of a code of the spec file, of a plan or of the stack model.
#[must_use]
pub fn explain(name: &str) -> Option<&'static Code> {
    let own = REGISTRY.iter().chain(property::REGISTRY).chain(review::finding::REGISTRY);
    own.copied().find(|code| code.name == name).or_else(|| stack_model::diagnostic::explain(name))
}

/// Lists every code that [`explain`] finds, by number.
#[must_use]
pub fn all() -> Vec<&'static Code> {
    let own = REGISTRY.iter().chain(review::finding::REGISTRY);
    let mut codes: Vec<&Code> = own.chain(stack_model::diagnostic::REGISTRY).copied().collect();
    codes.sort_by_key(|code| (code.name.get(1..), code.name));
    codes
}

/// Declares codes and their registry, which gets the leading documentation.
macro_rules! codes {
    ($(#[$registry:meta])* $($constant:ident = $name:literal, $title:literal, $documentation:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $title, ".")]
            pub static $constant: Code =
                Code { name: $name, title: $title, documentation: $documentation, source: None };
        )*

        $(#[$registry])*
        pub static REGISTRY: &[&Code] = &[$(&$constant),*];
    };
}
pub(crate) use codes;

codes! {
    /// Every code of the spec file, in order of name.
    MALFORMED = "E1001", "not YAML",
        "The file is not well-formed YAML 1.2, so nothing of it could be read beyond this place.";
    UNKNOWN_KEY = "E1002", "unknown key",
        "The key means nothing here. Keys are never ignored, because a misspelt one would silently leave a \
         default in force. The help names the nearest key, or all that are known at this place.";
    WRONG_TYPE = "E1003", "wrong type",
        "The value has another type than the key takes, for example a list where a text belongs. Quote a \
         number or a truth value that is meant as text.";
    VALUE_NOT_ALLOWED = "E1004", "value not allowed",
        "The value has the right type but is out of range, misspelt or of the wrong shape.";
    MISSING_KEY = "E1005", "missing key",
        "The mapping lacks a key that it cannot do without.";
    DUPLICATE_KEY = "E1006", "duplicate key",
        "The same name stands twice in one mapping. YAML readers keep one of them without saying which, so \
         it is refused.";
    DANGLING_REFERENCE = "E1007", "dangling reference",
        "The name of a bucket, queue, table, topic, function, authorizer or parameter is used but nothing \
         of that name is declared in its section.";
    LITERAL_SECRET = "E1008", "secret in the open",
        "The environment variable is named like a secret and has a literal value. A literal ends up in the \
         template, in the stack's history and in every log of it. Name a secret of AWS Secrets Manager \
         instead: `{ secret: <name>, field: <key> }`.";
    UNKNOWN_STAGE = "E1009", "unknown stage",
        "The stage asked for is not declared under `stages`.";
    REDRIVE_CIRCLE = "E1010", "dead-letter queues form a circle",
        "A message that fails for good must end somewhere. Following the dead-letter queues from this queue \
         comes back to it.";
    UNKNOWN_TAG = "E1011", "unknown tag",
        "The YAML tag is not an intrinsic function of CloudFormation.";
    BAD_ROUTE = "E1012", "route key",
        "A route key is an HTTP method or ANY, one space and a path that starts with a slash, or `$default`.";
    UNKNOWN_ACTION = "E1013", "unknown action",
        "The action is not one that the access includes.";
    ONLY_FOR_FIFO = "E1014", "for FIFO queues only",
        "Only FIFO queues deduplicate messages.";
    TOO_LARGE = "E1015", "file too large",
        "The file nests deeper or holds more values than a spec can need.";
    BROKEN_CONTRACT = "E1016", "contract cannot be read",
        "The crate of the function has a `pipectl-contract.json` that is not JSON, does not follow its JSON \
         Schema (`pipectl schema --contract` prints it) or contradicts itself.";
    MISSING_VARIABLE = "E1017", "required variable is not set",
        "The contract of the function's crate says that the function does not start without this environment \
         variable. An empty value counts as none. The help shows the line to add.";
    WRONG_BINDING = "E1018", "variable bound to the wrong thing",
        "The contract of the function's crate says that the variable names another kind of resource, or none. \
         The name that a resource has in the spec is not the one that AWS knows it by: bind it, so that the \
         function gets its URL, name or ARN together with the permission.";
    UNUSABLE_VALUE = "E1019", "value that the function cannot work with",
        "The contract of the function's crate allows other words, other numbers or another shape for this \
         environment variable.";
    WEAK_ACCESS = "E1020", "less access than the function needs",
        "The contract of the function's crate says what the function does with the resource. All bindings, \
         `access` entries and events of the function together do not permit it, so its calls would be denied.";
    UNREADABLE_PAYLOAD = "E1021", "payload that the receiver cannot read",
        "By the contracts of their crates, one function sends to the queue what the function behind it cannot \
         read; dead letters count as sent to their dead-letter queue. Every such message would fail until it \
         goes to the dead-letter queue. A new version of a payload is read first and sent afterwards.";
    UNTAKEN_EVENT = "E1022", "event that the function does not take",
        "By the contract of its crate, the function cannot read events of this kind; every invocation would fail.";
    NOT_ALLOWABLE = "E1040", "code that cannot be allowed",
        "An entry of `allow` accepts a warning, with the reason. What it names is an error, which nothing makes \
         right, or no code at all.";
    UNKNOWN_CRATE = "E1060", "unknown crate",
        "The Cargo workspace has no member of this package name. The workspace is the one around the spec file, \
         or around the folder that `build.workspace` names.";
    UNSUITABLE_BINARY = "E1061", "binary of a function",
        "A function is one binary of its package: the one that `bin` names, else the only one, else \
         `default-run`, else the one named as the package. This package has no such binary, or several and \
         nothing that chooses one.";
    UNSUITABLE_FEATURES = "E1062", "features of a function",
        "The package has no feature of this name, or the binary has `required-features` that neither the \
         default features nor `features` turn on, so that cargo would not build it.";
    UNKNOWN_PROFILE = "E1063", "unknown Cargo profile",
        "Neither cargo nor pipectl brings this profile along, and no `[profile]` section of the workspace's \
         `Cargo.toml` or of cargo's configuration declares it.";
    UNREADABLE_WORKSPACE = "E1064", "Cargo workspace cannot be read",
        "Cargo refuses to describe the workspace of the functions, so it would refuse to build it. The message \
         is cargo's.";
    UNREAD_VARIABLE = "W1023", "variable that the function does not read",
        "The contract of the function's crate does not name the environment variable. It is misspelt, left over, \
         or missing in the contract. Variables of Lambda's runtime, the AWS SDK, OpenTelemetry and Rust \
         (`AWS_`, `OTEL_`, `RUST_`, ...) are not counted.";
    UNUSED_ALLOWANCE = "W1041", "allowance without a finding",
        "An entry of `allow` accepts what is not found in any stage. It is misspelt, or what it accepted was \
         mended: then it would hide the next one.";
    CRATES_NOT_CHECKED = "W1065", "crates were not checked",
        "Cargo could not be asked about the crates of the functions, so it is not known whether they exist and \
         have the binaries and features that the spec names. `up` needs them.";
    MERGE_KEY = "W1066", "merge key in a template",
        "CloudFormation reads YAML 1.1 without merge keys: aliases are taken, `<<` is not. Specs may have merge keys, \
         and pipectl merges those of a template before it sends it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_never_used_twice() {
        assert!(REGISTRY.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
