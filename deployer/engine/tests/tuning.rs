//! Measuring a function at several memory sizes.

use std::cell::RefCell;
use std::future::{pending, ready};

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::tune::measure::{Measured, Progress, Trial, TuneError, measure};
use pipectl_testkit::{FakeClock, FakeTuning, Fault, Journal, finish};

const SIZES: [u32; 3] = [128, 512, 1024];

fn tuned(tuning: &FakeTuning, interrupted: impl Future<Output = ()>) -> Result<Measured, TuneError> {
    let trial = Trial { function: "writer", event: b"{}", sizes: &SIZES, invocations: 4 };
    finish(measure((tuning, &FakeClock::new()), &trial, interrupted, &|_| {}))
}

fn function() -> (Journal, FakeTuning) {
    let journal = Journal::default();
    (journal.clone(), FakeTuning::new(journal, 256))
}

#[test]
fn each_size_is_measured_and_the_old_one_put_back() {
    let (_, tuning) = function();
    tuning.update_slowly(3);
    let measured = tuned(&tuning, pending()).unwrap();
    let found: Vec<_> = measured
        .samples
        .iter()
        .map(|sample| (sample.megabytes, sample.invocations(), sample.duration_ms(0.5), sample.init_ms))
        .collect();
    assert_eq!(found, [(128, 4, 100.0, Some(50.0)), (512, 4, 25.0, Some(50.0)), (1024, 4, 12.5, Some(50.0))]);
    assert_eq!((measured.deployed, tuning.megabytes()), (256, 256));
}

#[test]
fn progress_is_told_in_order() {
    let (_, tuning) = function();
    let heard = RefCell::new(Vec::new());
    let trial = Trial { function: "writer", event: b"{}", sizes: &[512], invocations: 1 };
    let tell = |progress| heard.borrow_mut().push(progress);
    finish(measure((&tuning, &FakeClock::new()), &trial, pending(), &tell)).unwrap();
    let invoked = |number| Progress::Invoked { megabytes: 512, number };
    assert_eq!(heard.into_inner(), [Progress::Resized(512), invoked(0), invoked(1), Progress::Restored(256)]);
}

#[test]
fn interruption_puts_the_old_size_back() {
    let (_, tuning) = function();
    assert_eq!(tuned(&tuning, ready(())), Err(TuneError::Interrupted));
    assert_eq!(tuning.megabytes(), 256);
}

#[test]
fn size_that_is_too_small_is_left_out() {
    let (_, tuning) = function();
    tuning.need(200);
    let sizes: Vec<u32> = tuned(&tuning, pending()).unwrap().samples.iter().map(|it| it.megabytes).collect();
    assert_eq!((sizes, tuning.sizes()), (vec![512, 1024], vec![128, 512, 1024]));
}

#[test]
fn function_that_fails_everywhere_is_no_result() {
    let (_, tuning) = function();
    tuning.need(4096);
    assert!(matches!(tuned(&tuning, pending()), Err(TuneError::Failing { .. })));
    assert_eq!(tuning.megabytes(), 256);
}

#[test]
fn refused_invocation_puts_the_old_size_back() {
    let (journal, tuning) = function();
    journal.spoil("Invoke", 2, Fault::Refused(AwsErrorCode::AccessDenied));
    assert!(matches!(tuned(&tuning, pending()), Err(TuneError::Aws { .. })));
    assert_eq!(tuning.megabytes(), 256);
}

#[test]
fn failed_update_puts_the_old_size_back() {
    let (_, tuning) = function();
    tuning.fail_update("InternalError");
    let failed = TuneError::Update { function: "writer".to_owned(), reason: "InternalError".to_owned() };
    assert_eq!(tuned(&tuning, pending()), Err(failed));
    assert_eq!(tuning.megabytes(), 256);
}

#[test]
fn busy_function_is_waited_for() {
    let (journal, tuning) = function();
    journal.spoil("UpdateFunctionConfiguration", 1, Fault::Refused(AwsErrorCode::OperationInProgress));
    assert_eq!(tuned(&tuning, pending()).unwrap().samples.len(), 3);
}

#[test]
fn size_that_could_not_be_put_back_is_said() {
    let (journal, tuning) = function();
    let refused = || Fault::Refused(AwsErrorCode::AccessDenied);
    journal.spoil("UpdateFunctionConfiguration", 4, refused());
    let ended = tuned(&tuning, pending());
    assert!(matches!(ended, Err(TuneError::NotRestored { megabytes: 256, .. })), "{ended:?}");
}

#[test]
fn log_without_a_report_is_said() {
    let (_, tuning) = function();
    tuning.report_nothing();
    assert!(matches!(tuned(&tuning, pending()), Err(TuneError::NoReport { .. })));
}
