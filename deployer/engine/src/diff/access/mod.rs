//! Who may do what, before and after: by effect, not by the wording of policies.
//!
//! Every policy of a template, of identities and of resources, is taken apart into atoms: one
//! principal, one action, one resource, the conditions. An atom that another one includes, by
//! wildcards or by lacking a condition, says nothing new, and what an unconditional `Deny` of the same
//! template forbids is not allowed. So a policy that is written otherwise, split, merged, or moved from
//! a role to a queue, shows no difference. What policies outside the template say is not known here.

mod endpoint;
mod index;
mod network;
mod pattern;
mod policy;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::index::Index;
use self::pattern::Pattern;

/// One permission or prohibition; also what lets somebody in without a policy, such as the rule of a security group,
/// a function URL or a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Whether it permits or forbids.
    pub effect: Permit,
    /// Who: `${LogicalId}` for a role of the template, a service, an ARN, an account, or `*`.
    pub principal: String,
    /// Action, for example `sqs:SendMessage`; `all but ...` for `NotAction`.
    pub action: String,
    /// Resource, with intrinsic functions shown as in `Fn::Sub`; `all but ...` for `NotResource`.
    pub resource: String,
    /// Conditions, all of which must hold, for example `StringEquals aws:SourceAccount = 111122223333`.
    pub conditions: Vec<String>,
}

/// `Effect` of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Permit {
    /// It permits.
    Allow,
    /// It forbids, whatever permits.
    Deny,
}

/// What becomes allowed or forbidden, and what no longer is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessChange {
    /// Permissions and prohibitions that come into force.
    pub added: Vec<Statement>,
    /// Permissions and prohibitions that are no longer in force.
    pub removed: Vec<Statement>,
    /// What is still permitted of a permission in `removed`: a wildcard gave way to these, or a
    /// condition was added.
    pub remaining: Vec<Statement>,
}

impl AccessChange {
    /// True when something becomes possible that was not: a new permission or a lost prohibition.
    #[must_use]
    pub fn widens(&self) -> bool {
        self.widening().next().is_some()
    }

    /// Lists the new permissions and the lost prohibitions.
    pub fn widening(&self) -> impl Iterator<Item = &Statement> {
        let added = self.added.iter().filter(|statement| statement.effect == Permit::Allow);
        added.chain(self.removed.iter().filter(|statement| statement.effect == Permit::Deny))
    }
}

/// A statement in its smallest parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Atom {
    permit: Permit,
    principal: Pattern,
    action: Pattern,
    resource: Pattern,
    conditions: BTreeSet<String>,
}

impl Atom {
    /// True when this one takes effect wherever the other one does.
    fn covers(&self, other: &Self) -> bool {
        self.permit == other.permit && self.reaches(other) && self.conditions.is_subset(&other.conditions)
    }

    /// True when this one concerns all that the other one concerns.
    fn reaches(&self, other: &Self) -> bool {
        self.principal.covers(&other.principal)
            && self.action.lower().covers(&other.action.lower())
            && self.resource.covers(&other.resource)
    }

    fn forbids(&self, other: &Self) -> bool {
        self.permit == Permit::Deny && self.conditions.is_empty() && self.reaches(other)
    }

    fn statement(&self) -> Statement {
        Statement {
            effect: self.permit,
            principal: self.principal.to_string(),
            action: self.action.to_string(),
            resource: self.resource.to_string(),
            conditions: self.conditions.iter().cloned().collect(),
        }
    }
}

/// Compares what two templates allow and forbid; their parameters are put in.
pub(super) fn changes(before: &Value, after: &Value) -> AccessChange {
    let (old, new) = (in_force(policy::atoms(before)), in_force(policy::atoms(after)));
    let (added, mut removed) = (beyond(&new, &old), beyond(&old, &new));
    // What is forbidden on a resource goes with it, and lets nobody in.
    let is_there =
        |it: &Pattern| policy::resource_of(it).is_none_or(|id| after["Resources"].get(id).is_some());
    removed.retain(|it| it.permit == Permit::Allow || (is_there(&it.principal) && is_there(&it.resource)));
    AccessChange {
        added: statements(&added),
        remaining: statements(&included(&new, &removed)),
        removed: statements(&removed),
    }
}

/// Leaves out the permissions that a prohibition takes back altogether.
fn in_force(atoms: BTreeSet<Atom>) -> Vec<Atom> {
    let prohibitions = Index::new(atoms.iter().filter(|atom| atom.permit == Permit::Deny));
    let is_forbidden = |atom: &Atom| {
        atom.permit == Permit::Allow && prohibitions.near(atom).any(|(_, other)| other.forbids(atom))
    };
    atoms.iter().filter(|atom| !is_forbidden(atom)).cloned().collect()
}

/// Lists what `these` say beyond `those`.
fn beyond<'a>(these: &'a [Atom], those: &[Atom]) -> Vec<&'a Atom> {
    let those = Index::new(those);
    let is_said = |atom: &Atom| those.near(atom).any(|(_, other)| other.covers(atom));
    widest(these.iter().filter(|atom| !is_said(atom)).collect())
}

/// Lists the permissions among `these` that are part of `those`.
fn included<'a>(these: &'a [Atom], those: &[&Atom]) -> Vec<&'a Atom> {
    let those = Index::new(those.iter().copied());
    let permissions = these.iter().filter(|atom| atom.permit == Permit::Allow);
    widest(permissions.filter(|atom| those.near(atom).any(|(_, other)| other.covers(atom))).collect())
}

/// Leaves out what another one of the list includes.
fn widest(atoms: Vec<&Atom>) -> Vec<&Atom> {
    let all = Index::new(atoms.iter().copied());
    let is_included = |position: usize, atom: &Atom| {
        all.near(atom).any(|(other_position, other)| {
            other_position != position
                && other.covers(atom)
                && (!atom.covers(other) || other_position < position)
        })
    };
    let kept = atoms.iter().enumerate().filter(|(position, atom)| !is_included(*position, atom));
    kept.map(|(_, atom)| *atom).collect()
}

fn statements(atoms: &[&Atom]) -> Vec<Statement> {
    let statements: BTreeSet<Statement> = atoms.iter().map(|atom| atom.statement()).collect();
    statements.into_iter().collect()
}

#[cfg(test)]
mod tests;
