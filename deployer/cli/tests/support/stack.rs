//! A stack on a local engine of its own, and the examples that are deployed so.

use std::collections::BTreeMap;

use super::engine::Engine;
use super::http::{Answer, send};
use super::{Sandbox, repository};

/// Writes the spec of an example into a sandbox; its functions are built where the repository builds.
pub(crate) fn write_example(sandbox: &Sandbox, example: &str, change: impl FnOnce(String) -> String) {
    let workspace = repository();
    let spec = workspace.join("examples").join(example).join("pipeline.yaml");
    let spec = change(std::fs::read_to_string(spec).expect("the example"));
    sandbox.write("pipeline.yaml", &format!("{spec}\nbuild: {{ workspace: {} }}\n", workspace.display()));
}

/// A deployed stack.
pub(crate) struct Stack {
    /// The engine it runs on.
    pub(crate) engine: Engine,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Deploys the sandbox's spec for the first time; `flags` may name a stage.
    #[track_caller]
    pub(crate) fn up(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let engine = sandbox.start_engine(&[]);
        let up = sandbox.run(&[&["up", "--local", "--format", "json"], flags].concat()).exits(0);
        assert_eq!(up.outcome()["result"], "created", "{}", up.stdout);
        let args = [&["outputs", "--local", "--format", "json"], flags].concat();
        let outputs = sandbox.run(&args).exits(0).outcome()["outputs"].clone();
        Self { engine, outputs: serde_json::from_value(outputs).expect("texts by name") }
    }

    /// Returns an output.
    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("{name} is not among {:?}", self.outputs))
    }

    /// Sends a request to the API whose URL is an output.
    #[track_caller]
    pub(crate) fn request(
        &self,
        api: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let url = self.output(api).strip_prefix("http://").expect("plain HTTP");
        let (address, base) = url.split_once('/').expect("a path");
        send(address, method, &format!("/{base}{path}"), headers, body)
    }
}
