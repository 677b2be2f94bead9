//! Which resources are taken into a stack instead of being made.

use std::collections::BTreeMap;

use super::Stacks;
use super::comparison::is_keeping;
use super::named::unique_name;
use super::order::{ChangeSetOrder, Kind};
use super::stack::Stack;
use super::template::Declared;
use crate::refusal::Refusal;

impl Stacks {
    /// Lists the physical IDs to import, by logical ID.
    pub(super) fn imports(
        &self,
        order: &ChangeSetOrder,
        stack: &Stack,
        declared: &BTreeMap<String, Declared>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let is_new = |id: &String| stack.resources.get(id).is_none_or(|it| !it.exists());
        if order.kind == Kind::Import {
            return self.named_by(order, stack, declared);
        }
        if !order.imports_existing {
            return Ok(BTreeMap::new());
        }
        // Only what a deletion of the stack would leave is taken in.
        let wanted =
            declared.iter().filter(|(id, it)| is_new(id) && is_keeping(it.deletion_policy.as_deref()));
        let named = wanted.filter_map(|(id, it)| Some((id, it, unique_name(it)?)));
        let free = named.filter(|(_, it, name)| self.is_free(&it.resource_type, name));
        Ok(free.map(|(id, _, name)| (id.clone(), name)).collect())
    }

    /// The resources that an order names itself.
    fn named_by(
        &self,
        order: &ChangeSetOrder,
        stack: &Stack,
        declared: &BTreeMap<String, Declared>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let mut imports = BTreeMap::new();
        for it in &order.to_import {
            let id = &it.logical_id;
            let wrong = |what: &str| Refusal::invalid(format!("Resource [{id}] {what}"));
            let declared = declared.get(id).ok_or_else(|| wrong("is not in the template"))?;
            if declared.deletion_policy.is_none() {
                return Err(wrong("must have a DeletionPolicy attribute to be imported"));
            }
            if !self.is_free(&declared.resource_type, &it.physical_id) {
                return Err(wrong("does not exist, or belongs to a stack"));
            }
            imports.insert(id.clone(), it.physical_id.clone());
        }
        let others = |id: &&String| !imports.contains_key(*id) && !stack.resources.contains_key(*id);
        if let Some(other) = declared.keys().find(others) {
            let message = format!("Resource [{other}] is to be created by an operation that imports");
            return Err(Refusal::invalid(message));
        }
        Ok(imports)
    }

    /// True for a resource that exists and belongs to no stack.
    fn is_free(&self, resource_type: &str, physical_id: &str) -> bool {
        let mut owned = self.all.iter().flat_map(|stack| stack.resources.values());
        let is_owned = owned.any(|it| it.resource_type == resource_type && it.physical_id == physical_id);
        self.around.has(resource_type, physical_id) && !is_owned
    }
}
