//! An account on a loopback port: the AWS SDKs and the AWS CLI talk to it as to AWS.
//!
//! CloudFormation and STS in the Query protocol, S3 as far as a deployment needs it. What they do is
//! on the page [`behaviour`](crate::behaviour); this module only reads, writes and breaks connections.

mod caller;
mod cloudformation;
mod connection;
mod fault;
mod form;
mod front;
mod http;
mod s3;
mod sts;
mod time;
mod xml;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::FakeAccount;
use crate::clock::millis;
pub use fault::{Gate, WireFault};
use front::Front;

/// A [`FakeAccount`] served over HTTP until it is dropped.
///
/// Every call that arrives is written down in the account's [`Journal`](crate::Journal), repeated ones
/// too. Signatures are not verified; a call must carry one all the same.
#[derive(Debug)]
pub struct FakeAws {
    address: SocketAddr,
    front: Arc<Front>,
    is_over: Arc<AtomicBool>,
}

impl FakeAws {
    /// Serves an account on a free port of 127.0.0.1, which only this machine reaches.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn serve(account: &FakeAccount) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let front = Arc::new(Front::new(account, format!("http://{address}")));
        let is_over = Arc::new(AtomicBool::new(false));
        let (serving, over) = (Arc::clone(&front), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                let front = Arc::clone(&serving);
                // A caller that is killed breaks its connection; that is no failure of the server.
                std::thread::spawn(move || drop(connection::serve(&stream, &front)));
            }
        });
        Ok(Self { address, front, is_over })
    }

    /// Where it listens: what `AWS_ENDPOINT_URL` or `--endpoint-url` is to be.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Spoils the `nth` next call of an operation, counted from 1, by AWS's name of it. A repetition by
    /// the SDK is a call of its own.
    pub fn spoil(&self, operation: &'static str, nth: usize, fault: WireFault) {
        self.front.faults.lock().plan(operation, nth, fault);
    }

    /// Spoils the next `times` calls of an operation.
    pub fn spoil_next(&self, operation: &'static str, times: usize, fault: &WireFault) {
        // Of faults for the same call the first planned takes it, so each is planned for its own.
        (1..=times).for_each(|nth| self.spoil(operation, nth, fault.clone()));
    }

    /// Lets time pass with each call, before it is answered, as for a caller that waits by its own
    /// clock. Default: none; the account's clock moves when the test moves it.
    pub fn pass_with_each_call(&self, duration: Duration) {
        self.front.settings.lock().ms_per_call = millis(duration);
    }

    /// Sets the most entries that a page of a list has, in every operation that pages. Default: AWS's
    /// own, 100 for most.
    pub fn set_page_size(&self, entries: usize) {
        self.front.settings.lock().page_size = Some(entries.max(1));
    }

    /// Makes CloudFormation leave a resource out of change sets that are described with property
    /// values, as AWS does at times (aws-cdk-cli#1780).
    pub fn drop_from_property_values(&self, logical_id: &str) {
        self.front.settings.lock().dropped_with_values.insert(logical_id.to_owned());
    }

    /// Lets an access key expire: calls signed with it are refused with `ExpiredToken`.
    pub fn expire(&self, access_key_id: &str) {
        self.front.settings.lock().expired_keys.insert(access_key_id.to_owned());
    }

    /// Sets how far the service's clock is ahead of the caller's. Calls whose signature is more than 5
    /// minutes off are refused, with the service's time in the `Date` header.
    pub fn set_clock_ahead(&self, ahead: Duration) {
        self.front.settings.lock().skew = Some(front::Skew { ahead_ms: millis(ahead), first_ms: None });
    }

    /// Limits an operation: `burst` calls at once, then `per_second` by the account's clock. The others
    /// are throttled.
    pub fn limit(&self, operation: &'static str, burst: u32, per_second: u32) {
        self.front.limit(operation, burst, per_second);
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Wakes the listener, so that it sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}
