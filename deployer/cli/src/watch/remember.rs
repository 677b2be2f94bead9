//! Builds only what a change concerns.

use std::cell::RefCell;

use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::port::Packager;

use super::change::Change;

/// The packages of the last rounds.
#[derive(Debug, Default)]
pub(super) struct Remember {
    packages: RefCell<Vec<(FunctionCrate, Package)>>,
}

/// A packager that builds what a change concerns, and knows the rest.
pub(super) struct Concerned<'a, P> {
    packager: &'a P,
    change: &'a Change,
    packages: &'a RefCell<Vec<(FunctionCrate, Package)>>,
}

impl Remember {
    /// Returns the packager of one round.
    pub(super) fn with<'a, P: Packager>(&'a self, packager: &'a P, change: &'a Change) -> Concerned<'a, P> {
        Concerned { packager, change, packages: &self.packages }
    }
}

impl<P> Concerned<'_, P> {
    fn known(&self, wanted: &FunctionCrate) -> Option<Package> {
        let packages = self.packages.borrow();
        packages.iter().find(|(built, _)| built == wanted).map(|(_, package)| package.clone())
    }
}

impl<P: Packager> Packager for Concerned<'_, P> {
    type Error = P::Error;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, P::Error> {
        let concerned: Vec<FunctionCrate> = crates
            .iter()
            .filter(|it| self.change.concerns(&it.crate_name) || self.known(it).is_none())
            .cloned()
            .collect();
        if !concerned.is_empty() {
            let built = self.packager.package(&concerned).await?;
            let mut packages = self.packages.borrow_mut();
            packages.retain(|(known, _)| !concerned.contains(known));
            packages.extend(concerned.into_iter().zip(built));
        }
        Ok(crates.iter().filter_map(|it| self.known(it)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pipectl_testkit::{FakePackager, finish};

    use super::*;

    fn crates() -> [FunctionCrate; 2] {
        ["reader", "writer"].map(|name| FunctionCrate {
            function: name.to_owned(),
            crate_name: name.to_owned(),
            ..FunctionCrate::default()
        })
    }

    fn reader() -> Change {
        Change::Crates(BTreeSet::from(["reader".to_owned()]))
    }

    #[test]
    fn only_the_changed_crate_is_built_and_all_packages_are_answered() {
        let (remember, packager) = (Remember::default(), FakePackager::default());
        let first = finish(remember.with(&packager, &Change::Everything).package(&crates())).unwrap();
        packager.edit("reader");
        let second = finish(remember.with(&packager, &reader()).package(&crates())).unwrap();
        assert_eq!(packager.runs()[1], crates()[..1]);
        assert!(first[0] != second[0] && first[1] == second[1]);
    }

    #[test]
    fn crate_that_was_never_built_is_built_whatever_has_changed() {
        let (remember, packager) = (Remember::default(), FakePackager::default());
        assert_eq!(finish(remember.with(&packager, &reader()).package(&crates())).unwrap().len(), 2);
    }

    #[test]
    fn broken_crate_does_not_keep_another_from_its_update() {
        let (remember, packager) = (Remember::default(), FakePackager::default());
        finish(remember.with(&packager, &Change::Everything).package(&crates())).unwrap();
        packager.break_crate("writer");
        assert!(finish(remember.with(&packager, &reader()).package(&crates())).is_ok());
    }
}
