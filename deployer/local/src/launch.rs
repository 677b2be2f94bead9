//! The engine's process: its environment, its port, its first answer.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::{Child, Command};

use crate::credentials::Credentials;
use crate::home::EngineHome;
use crate::http;
use crate::provision::{Installation, last_lines};
use crate::record::Mode;
use crate::{ACCOUNT_ID, REGION, pace, private};

/// Longest wait for one answer to the health request.
const ANSWER: Duration = Duration::from_secs(2);

/// What a launch needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Launch<'a> {
    pub(crate) home: &'a EngineHome,
    pub(crate) installation: &'a Installation,
    pub(crate) port: u16,
    pub(crate) credentials: &'a Credentials,
    pub(crate) mode: Mode,
}

impl Launch<'_> {
    /// Starts the process in a group of its own, so that a Ctrl-C in the terminal does not reach it.
    pub(crate) fn spawn(&self) -> io::Result<Child> {
        let output = private::create_file(&self.home.output_file())?;
        let mut command = Command::new(self.installation.python());
        command
            .args(["-I", "-X", "utf8"])
            .arg(self.installation.launcher())
            .arg(self.home.log_file())
            .arg(self.home.inbox_file())
            .current_dir(self.home.state_dir())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .kill_on_drop(false);
        self.set_environment(&mut command);
        command.spawn()
    }

    /// Sets the whole environment: functions inherit it, and must meet neither the user's
    /// credentials nor the real AWS.
    fn set_environment(&self, command: &mut Command) {
        let port = self.port.to_string();
        let Mode { persist, enforce_iam, open } = self.mode;
        let flag = |value: bool| if value { "1" } else { "0" };
        command.env_clear();
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", "UTC"),
            ("BIND_HOST", "127.0.0.1"),
            ("MINISTACK_HOST", "127.0.0.1"),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT_ID),
            ("MINISTACK_REGION", REGION),
            ("MINISTACK_EDITION", &edition(self.credentials, self.home.state_dir(), persist, open)),
            ("GATEWAY_PORT", &port),
            ("AWS_ENDPOINT_URL", &endpoint(self.port)),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AUTH", if enforce_iam { "true" } else { "false" }),
            ("PERSIST_STATE", flag(persist)),
            ("S3_PERSIST", flag(persist)),
            ("PIPECTL_ENGINE_ACCESS_KEY_ID", &self.credentials.access_key_id),
            ("PIPECTL_ENGINE_SECRET_ACCESS_KEY", &self.credentials.secret_access_key),
            ("SFTP_ENABLED", "0"),
            ("IOT_MTLS_ENABLED", "0"),
        ] {
            command.env(name, value);
        }
        if open {
            command.env("PIPECTL_ENGINE_OPEN", "1");
        }
        command
            .env("HOME", self.home.home_dir())
            .env("TMPDIR", self.home.temporary_dir())
            .env("STATE_DIR", self.home.services_dir())
            .env("S3_DATA_DIR", self.home.objects_dir());
    }
}

/// The engine's address for SDKs.
pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// What the engine calls itself in its health answer: whose it is, and whether it keeps state.
fn edition(credentials: &Credentials, state_dir: &Path, persist: bool, open: bool) -> String {
    format!("{} persist={persist} open={open}", credentials.token(state_dir))
}

/// The health answer of an engine that is this project's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) version: String,
    pub(crate) persist: bool,
    pub(crate) enforce_iam: bool,
    pub(crate) open: bool,
}

#[derive(Deserialize)]
struct Answer {
    version: String,
    edition: String,
    auth: String,
}

/// Asks once; `None` when nothing answers, or something that is not this project's engine.
pub(crate) async fn health(credentials: &Credentials, state_dir: &Path, port: u16) -> Option<Health> {
    let body = http::request(credentials, "GET", port, "/_ministack/health", ANSWER).await.ok()?;
    let answer: Answer = serde_json::from_slice(&body).ok()?;
    let modes = [(true, false), (false, false), (true, true), (false, true)];
    let is_its =
        |(persist, open): &(bool, bool)| edition(credentials, state_dir, *persist, *open) == answer.edition;
    let (persist, open) = modes.into_iter().find(is_its)?;
    Some(Health { version: answer.version, persist, enforce_iam: answer.auth == "enabled", open })
}

/// How a wait for the first answer ended.
#[derive(Debug)]
pub(crate) enum Awaited {
    Ready,
    Exited,
    Silent,
}

/// Waits until the engine answers, or its process has ended.
pub(crate) async fn await_health(launch: &Launch<'_>, child: &mut Child, patience: Duration) -> Awaited {
    pace::poll(patience, async || match child.try_wait() {
        Ok(None) => {
            health(launch.credentials, launch.home.state_dir(), launch.port).await.map(|_| Awaited::Ready)
        }
        Ok(Some(_)) | Err(_) => Some(Awaited::Exited),
    })
    .await
    .unwrap_or(Awaited::Silent)
}

/// The last lines that the engine wrote.
pub(crate) fn last_words(home: &EngineHome) -> String {
    let read = |path: &Path| {
        std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    };
    let output = read(&home.output_file());
    if output.trim().is_empty() { last_lines(&read(&home.log_file()), 10) } else { last_lines(&output, 10) }
}
