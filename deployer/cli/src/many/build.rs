//! One build for the functions of several stacks.

use pipectl_engine::build_record::BuildRecord;
use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::port::Packager;
use tokio::sync::OnceCell;

/// Builds all crates with the first call and answers every call from that.
///
/// When that build fails, each call builds its own crates: a crate that does not compile then stops its
/// own stack only.
#[derive(Debug)]
pub(super) struct BuiltOnce<P> {
    packager: P,
    crates: Vec<FunctionCrate>,
    built: OnceCell<Vec<(FunctionCrate, Package)>>,
    is_broken: OnceCell<()>,
}

impl<P> BuiltOnce<P> {
    pub(super) fn new(packager: P) -> Self {
        Self { packager, crates: Vec::new(), built: OnceCell::new(), is_broken: OnceCell::new() }
    }

    /// Adds crates to be built; before the first call.
    pub(super) fn add(&mut self, crates: impl IntoIterator<Item = FunctionCrate>) {
        for it in crates {
            if !self.crates.iter().any(|known| known.has_package_of(&it)) {
                self.crates.push(it);
            }
        }
    }

    fn answer(&self, crates: &[FunctionCrate], built: &[(FunctionCrate, Package)]) -> Option<Vec<Package>> {
        let package = |wanted: &FunctionCrate| {
            let (_, package) = built.iter().find(|(known, _)| known.has_package_of(wanted))?;
            Some(Package { function: wanted.function.clone(), ..package.clone() })
        };
        crates.iter().map(package).collect()
    }
}

impl<P: Packager> Packager for BuiltOnce<P> {
    type Error = P::Error;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, P::Error> {
        if !self.is_broken.initialized() {
            let built = self.built.get_or_try_init(async || {
                let packages = self.packager.package(&self.crates).await?;
                Ok::<_, P::Error>(self.crates.iter().cloned().zip(packages).collect())
            });
            match built.await {
                Ok(built) => {
                    if let Some(packages) = self.answer(crates, built) {
                        return Ok(packages);
                    }
                }
                // Said again, and whose it is, by the build below.
                Err(_) => drop(self.is_broken.set(())),
            }
        }
        self.packager.package(crates).await
    }

    fn build_record(&self, key: &str) -> Option<BuildRecord> {
        self.packager.build_record(key)
    }
}

#[cfg(test)]
mod tests {
    use pipectl_testkit::{FakePackager, finish};

    use super::*;

    fn of(function: &str, crate_name: &str) -> FunctionCrate {
        FunctionCrate {
            function: function.to_owned(),
            crate_name: crate_name.to_owned(),
            ..FunctionCrate::default()
        }
    }

    fn two_stacks(packager: FakePackager) -> BuiltOnce<FakePackager> {
        let mut build = BuiltOnce::new(packager);
        build.add([of("reader", "reader"), of("shared", "common")]);
        build.add([of("writer", "writer"), of("also-shared", "common")]);
        build
    }

    #[test]
    fn crates_of_all_stacks_are_built_once() {
        let build = two_stacks(FakePackager::default());
        finish(build.package(&[of("reader", "reader"), of("shared", "common")])).unwrap();
        let packages = finish(build.package(&[of("also-shared", "common")])).unwrap();
        assert_eq!(packages[0].function, "also-shared");
        let runs = build.packager.runs();
        assert_eq!((runs.len(), runs[0].len()), (1, 3));
    }

    #[test]
    fn crate_that_does_not_compile_stops_its_own_stack_only() {
        let packager = FakePackager::default();
        packager.break_crate("writer");
        let build = two_stacks(packager);
        assert!(finish(build.package(&[of("reader", "reader")])).is_ok());
        assert!(finish(build.package(&[of("writer", "writer")])).is_err());
    }
}
