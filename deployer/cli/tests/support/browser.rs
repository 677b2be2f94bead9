//! A Chromium without a window, steered through its DevTools protocol, which it speaks over a pipe.
//!
//! Source: <https://chromedevtools.github.io/devtools-protocol/> (read 2026-11-23).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longest silence of the browser before the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// Names of the program, as Debian, Alpine and Google call it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A running browser with one page; it ends with this.
pub(crate) struct Browser {
    child: Child,
    answers: Receiver<Value>,
    requests: u64,
    session: Option<String>,
}

/// Finds the program in the folders of `path`, a list as in `PATH`.
pub(crate) fn find(path: &std::ffi::OsStr) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let candidates = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

impl Browser {
    /// Starts `program` with its profile below `folder`.
    #[track_caller]
    pub(crate) fn start(program: &Path, folder: &Path) -> Self {
        // It reads requests from descriptor 3 and writes answers to 4. Its own sandbox needs privileges that a
        // container lacks and refuses root; it opens no page but the test's.
        let script = "exec \"$0\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                      --remote-debugging-pipe --user-data-dir=\"$1\" about:blank 3<&0 4>&1 </dev/null >&2";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .arg(folder.join("profile"))
            .env("HOME", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, receiver) = channel();
        thread::spawn(move || {
            for message in answers.split(0) {
                let Ok(message) = message else { return };
                let message = serde_json::from_slice(&message).expect("JSON");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { child, answers: receiver, requests: 0, session: None };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = Some(session["sessionId"].as_str().expect("a session").to_owned());
        browser
    }

    /// Opens an address and waits until the page is loaded.
    #[track_caller]
    pub(crate) fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", &json!({"url": url}));
        assert!(opened.get("errorText").is_none(), "{url}: {opened}");
        let loaded = "new Promise(done => document.readyState === 'complete' ? done(location.href) \
                      : addEventListener('load', () => done(location.href)))";
        assert_eq!(self.evaluate(loaded), url);
    }

    /// Evaluates an expression in the page; a promise is waited for.
    #[track_caller]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let request = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &request);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Calls a method and waits for its answer; events are passed over.
    #[track_caller]
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.requests += 1;
        let mut request = json!({"id": self.requests, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        let mut text = request.to_string().into_bytes();
        text.push(0);
        let input = self.child.stdin.as_mut().expect("a pipe");
        input.write_all(&text).and_then(|()| input.flush()).expect("the browser listens");
        loop {
            let answer = self
                .answers
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("the browser does not answer {method}: {error}"));
            if answer["id"] == self.requests {
                assert!(answer.get("error").is_none(), "{request}: {answer}");
                return answer["result"].clone();
            }
        }
    }
}

impl Drop for Browser {
    /// A browser whose pipe is closed ends by itself.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
