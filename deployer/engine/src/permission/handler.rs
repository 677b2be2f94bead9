//! What CloudFormation's handlers do to each resource type: a table, as data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// The table; its head says what it was compared with and when. The `list` handlers are left out: no stack
/// operation lists.
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("handlers.json")).expect("a test reads the table"));

#[derive(Debug, Deserialize)]
struct Table {
    types: BTreeMap<String, Handlers>,
}

/// What the handlers of a type do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handlers {
    /// Property with the name; none when CloudFormation or the service names the resource.
    pub(crate) name: Option<String>,
    /// Property with the beginning of the name.
    pub(crate) prefix: Option<String>,
    /// Type that the name is taken from instead: the resource acts upon another.
    pub(crate) on: Option<String>,
    /// ARNs without `arn:<partition>:`.
    pub(crate) arns: Vec<String>,
    /// Actions on these ARNs.
    pub(crate) actions: Vec<String>,
    /// Condition of these actions, with `${Stack}` and `${Region}`; `Null` for none.
    #[serde(default)]
    pub(crate) condition: Value,
    /// Actions that know no ARN.
    pub(crate) everywhere: Option<Everywhere>,
    /// Actions for a property, where it is set.
    #[serde(default)]
    pub(crate) when: Vec<When>,
}

/// Actions that know no ARN, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Everywhere {
    pub(crate) actions: Vec<String>,
    #[serde(default)]
    pub(crate) condition: Value,
    pub(crate) reason: String,
}

/// Actions for a property: on the resource, on other ARNs, or everywhere for a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    pub(crate) property: String,
    pub(crate) actions: Vec<String>,
    pub(crate) arns: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) condition: Value,
    #[serde(default)]
    pub(crate) everywhere: bool,
    pub(crate) reason: Option<String>,
}

/// Returns what the handlers of a type do; `None` when the table does not know it.
pub(crate) fn handlers(resource_type: &str) -> Option<&'static Handlers> {
    TABLE.types.get(resource_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_whole() {
        assert!(TABLE.types.len() > 20);
        for (name, handlers) in &TABLE.types {
            assert!(!handlers.arns.is_empty() && !handlers.actions.is_empty(), "{name}");
            assert!(handlers.on.as_ref().is_none_or(|on| TABLE.types.contains_key(on)), "{name}");
            assert!(handlers.when.iter().all(|it| !it.everywhere || it.reason.is_some()), "{name}");
            let actions = handlers.actions.iter().chain(handlers.when.iter().flat_map(|it| &it.actions));
            assert!(
                actions.into_iter().all(|action| action.contains(':') && !action.contains('*')),
                "{name}"
            );
        }
    }
}
