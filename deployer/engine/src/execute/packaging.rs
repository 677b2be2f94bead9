//! Has functions built and packed, and says what came of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Ports;
use crate::build_record::{Cause, causes};
use crate::diff::code_parameters;
use crate::event::EventKind;
use crate::package::{FunctionCrate, Package};
use crate::port::{Clock, CloudFormation, ObjectStore, Packager};

/// Packages all functions, given by logical ID, and compares each with the package in the parameters that
/// the stack was deployed with. The answers are in the order of the functions.
pub(super) async fn package<C: CloudFormation, S: ObjectStore, T: Clock, P: Packager>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    functions: &BTreeMap<String, FunctionCrate>,
    template: &Value,
    deployed: Option<&BTreeMap<String, String>>,
) -> Result<Vec<Package>, P::Error> {
    let packages = package_unseen(ports, packager, functions).await?;
    let parameters = code_parameters(template);
    for (logical_id, package) in functions.keys().zip(&packages) {
        let Some(parameter) = parameters.get(logical_id) else { continue };
        let known = deployed.and_then(|deployed| deployed.get(parameter));
        ports.emit(EventKind::Packaged {
            function: package.function.clone(),
            bytes: package.bytes,
            sha256: package.sha256.clone(),
            deployed: known == Some(&package.key()),
            causes: why(packager, known, &package.key()),
        });
    }
    Ok(packages)
}

/// Packages all functions, and leaves what came of it to the plan.
pub(super) async fn package_unseen<C: CloudFormation, S: ObjectStore, T: Clock, P: Packager>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    functions: &BTreeMap<String, FunctionCrate>,
) -> Result<Vec<Package>, P::Error> {
    let crates: Vec<FunctionCrate> = functions.values().cloned().collect();
    let names = crates.iter().map(|it| it.function.clone()).collect();
    ports.emit(EventKind::PackagingStarted { functions: names });
    packager.package(&crates).await
}

/// Puts packages to the parameters that take their keys.
pub(super) fn by_parameter(
    functions: &BTreeMap<String, FunctionCrate>,
    packages: Vec<Package>,
    template: &Value,
) -> BTreeMap<String, Package> {
    let parameters = code_parameters(template);
    let of_function = functions.keys().zip(packages);
    of_function.filter_map(|(id, package)| Some((parameters.get(id)?.clone(), package))).collect()
}

/// Compares what two packages were built from, by their object keys. Empty when the packages are the
/// same, or when one of the records is missing.
pub(super) fn why<P: Packager>(packager: &P, before: Option<&String>, after: &str) -> Vec<Cause> {
    let Some(before) = before.filter(|before| *before != after) else { return Vec::new() };
    match (packager.build_record(before), packager.build_record(after)) {
        (Some(before), Some(after)) => causes(&before, &after),
        _ => Vec::new(),
    }
}
