//! Which state the values of its periods give an alarm. Needs a Python, not the engine.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const ASK: &str = "
import json, sys
sys.path.append(sys.argv[1])
import alarms
print(json.dumps([alarms.judge(*case)[0] for case in json.load(sys.stdin)]))
";

/// Returns the states of alarms on anything above 0.
fn judge(cases: &[(Value, Value)]) -> Vec<Option<String>> {
    let mut python = Command::new("python3")
        .args(["-I", "-B", "-c", ASK, env!("CARGO_MANIFEST_DIR")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let cases: Vec<Value> = cases
        .iter()
        .map(|(settings, values)| {
            let mut alarm = json!({"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0});
            alarm.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
            json!([alarm, values])
        })
        .collect();
    python.stdin.take().unwrap().write_all(Value::from(cases).to_string().as_bytes()).unwrap();
    serde_json::from_slice(&python.wait_with_output().unwrap().stdout).unwrap()
}

fn missing(treatment: &str) -> Value {
    json!({"TreatMissingData": treatment})
}

#[test]
fn as_many_periods_must_breach_as_the_alarm_says() {
    let two = json!({"DatapointsToAlarm": 2});
    let states = judge(&[
        (json!({}), json!([1])),
        (json!({}), json!([0])),
        (json!({}), json!([1, 0, 1])),
        (two.clone(), json!([1, 0, 1])),
        (two, json!([1, 0, 0])),
    ]);
    let states: Vec<&str> = states.iter().map(|state| state.as_deref().unwrap()).collect();
    assert_eq!(states, ["ALARM", "OK", "OK", "ALARM", "OK"]);
}

/// The states are those of AWS's table on missing data.
#[test]
fn missing_data_is_treated_as_the_alarm_says() {
    let treatments = ["missing", "ignore", "breaching", "notBreaching"];
    let row = |values: Value| {
        let cases = treatments.map(|treatment| (missing(treatment), values.clone()));
        judge(&cases).into_iter().map(|state| state.unwrap_or_else(|| "as before".to_owned())).collect()
    };
    let nothing: Vec<String> = row(json!([null, null, null]));
    assert_eq!(nothing, ["INSUFFICIENT_DATA", "as before", "ALARM", "OK"]);
    let one_bad: Vec<String> = row(json!([1, null, null]));
    assert_eq!(one_bad, ["ALARM", "as before", "ALARM", "OK"]);
    let one_good: Vec<String> = row(json!([null, null, 0]));
    assert_eq!(one_good, ["OK", "OK", "OK", "OK"]);
}

#[test]
fn comparison_that_is_not_known_changes_nothing() {
    let settings = json!({"ComparisonOperator": "GreaterThanUpperThreshold"});
    assert_eq!(judge(&[(settings, json!([9]))]), [None]);
}
