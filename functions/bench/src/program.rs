//! The programs that are measured: built as for AWS, and their size as a deployment package.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;

/// Package of the programs that functions are compared with.
const BASELINES: &str = "pipectl-function-baseline";

/// The workspace's profile of functions that go to AWS, which is the one that pipectl uses.
const PROFILE: &str = "function";

/// What a zip adds to one entry named `bootstrap`: its two headers and the end of the directory.
const ZIP_OVERHEAD_BYTES: u64 = 30 + 9 + 46 + 9 + 22;

/// Line of `cargo build --message-format=json`.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds `functions` and `baselines` with the profile of functions that go to AWS, for this machine.
///
/// All in one go and nothing else, so that all have their dependencies with the same features.
///
/// # Effects
/// Runs cargo in the workspace of the current folder.
pub(crate) fn build(functions: &[&str], baselines: &[&str]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--profile", PROFILE, "--message-format=json-render-diagnostics"]);
    cargo.args(["--package", BASELINES]);
    cargo.args(functions.iter().flat_map(|name| ["--package", name, "--bin", name]));
    cargo.args(baselines.iter().flat_map(|name| ["--bin", name]));
    let output = cargo.stderr(Stdio::inherit()).output().context("cargo does not start")?;
    ensure!(output.status.success(), "cargo failed");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let messages = messages.filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    Ok(messages.filter_map(|message| Some((message.target?.name, message.executable?))).collect())
}

/// The binaries of a folder, by name.
pub(crate) fn of_folder(folder: &Path, names: &[&str]) -> BTreeMap<String, PathBuf> {
    names.iter().map(|name| ((*name).to_owned(), folder.join(name))).collect()
}

/// Size of the deployment package of `program`, packed as hard as pipectl packs it.
pub(crate) fn zip_bytes(program: &Path) -> anyhow::Result<u64> {
    let content = fs::read(program).with_context(|| format!("{} cannot be read", program.display()))?;
    let mut encoder = DeflateEncoder::new(Counter(0), Compression::best());
    encoder.write_all(&content)?;
    Ok(encoder.finish()?.0 + ZIP_OVERHEAD_BYTES)
}

/// Counts what is written.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
