//! Drift detection.

use super::page::cut;
use super::request::required;
use crate::refusal::Refusal;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;

pub(super) fn detect(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let id = front.stacks().detect_drift(required(form, "StackName")?)?;
    xml.text("StackDriftDetectionId", id);
    Ok(())
}

pub(super) fn status(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let (stack, detection) = stacks.detection(required(form, "StackDriftDetectionId")?)?;
    xml.text("StackId", &stack.id).text("StackDriftDetectionId", &detection.id);
    xml.text("Timestamp", iso(detection.began_ms));
    if detection.is_complete(stacks.now_ms()) {
        let ended = if detection.failure.is_some() { "DETECTION_FAILED" } else { "DETECTION_COMPLETE" };
        xml.text("DetectionStatus", ended).some("DetectionStatusReason", detection.failure.as_ref());
        xml.text("StackDriftStatus", detection.status());
        xml.text("DriftedStackResourceCount", detection.drifted_count().to_string());
    } else {
        xml.text("DetectionStatus", "DETECTION_IN_PROGRESS");
    }
    Ok(())
}

/// What the newest detection that has ended found.
pub(super) fn resources(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let stack = stacks.find(required(form, "StackName")?)?;
    let detection = stack.newest_detection(stacks.now_ms());
    let (found, at_ms) = detection.map_or((&[][..], 0), |it| (it.found.as_slice(), it.began_ms));
    let wanted = form.list("StackResourceDriftStatusFilters");
    let found =
        found.iter().filter(|it| wanted.is_empty() || wanted.iter().any(|status| status == it.status));
    let page = cut(found.collect(), form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("StackResourceDrifts", page.items, |xml, it| {
        xml.text("StackId", &stack.id).text("LogicalResourceId", &it.logical_id);
        xml.text("PhysicalResourceId", &it.physical_id).text("ResourceType", &it.resource_type);
        xml.text("StackResourceDriftStatus", it.status).text("Timestamp", iso(at_ms));
        xml.text("ExpectedProperties", it.expected.to_string());
        xml.some("ActualProperties", it.actual.as_ref().map(ToString::to_string));
        xml.members("PropertyDifferences", &it.differences, |xml, difference| {
            xml.text("PropertyPath", &difference.path).text("DifferenceType", "NOT_EQUAL");
            xml.text("ExpectedValue", plain(&difference.expected));
            xml.text("ActualValue", plain(&difference.actual));
        });
    });
    Ok(())
}

/// A value as text: a text as it is, anything else as JSON.
pub(super) fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
