//! One connection, call by call.

use std::io::{BufReader, Result, Write as _};
use std::net::TcpStream;

use super::caller::Caller;
use super::fault::WireFault;
use super::form::Form;
use super::front::Front;
use super::http::{Answer, Head, read_body, read_half, read_head};
use super::{cloudformation, s3, sts};
use crate::refusal::Refusal;

/// A request, read and named.
struct Call<'a> {
    head: &'a Head,
    operation: &'static str,
    payload: Payload,
}

enum Payload {
    Object(Vec<u8>),
    Form(Form),
}

/// Serves calls until the caller, or a fault, ends the connection.
pub(super) fn serve(stream: &TcpStream, front: &Front) -> Result<()> {
    // Small answers would otherwise wait for the acknowledgement of the ones before.
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(head) = read_head(&mut reader)? {
        let by_path = s3::operation(&head);
        let mut due = by_path.and_then(|operation| front.faults.lock().due(operation));
        if matches!(due, Some(WireFault::UploadReset)) {
            front.note(by_path.unwrap_or_default());
            return read_half(&head, &mut reader, &mut writer);
        }
        let body = read_body(&head, &mut reader, &mut writer)?;
        let call = match by_path {
            Some(operation) => Call { head: &head, operation, payload: Payload::Object(body) },
            None => {
                let form = Form::read(&body);
                let operation = operation_of(&form);
                due = front.faults.lock().due(operation);
                Call { head: &head, operation, payload: Payload::Form(form) }
            }
        };
        front.note(call.operation);
        let Some(bytes) = answer(&call, due, front) else { return Ok(()) };
        writer.write_all(&bytes.whole)?;
        if bytes.is_last {
            return Ok(());
        }
    }
    Ok(())
}

/// What goes back over the connection.
struct Bytes {
    whole: Vec<u8>,
    is_last: bool,
}

/// Does a call's work; `None` when the connection is to break without an answer.
fn answer(call: &Call<'_>, due: Option<WireFault>, front: &Front) -> Option<Bytes> {
    front.tick();
    let finished = |answer: Answer| {
        let caller = Caller::of(call.head);
        let mut answer = answer.with("x-amzn-requestid", front.next_request_id());
        if let Some(date) = caller.service_date(front) {
            answer = answer.with("date", date);
        }
        answer.bytes(call.head.method == "HEAD")
    };
    let whole = |bytes| Some(Bytes { whole: bytes, is_last: false });
    match due {
        Some(WireFault::Unreached | WireFault::UploadReset) => None,
        Some(WireFault::AnswerLost) => {
            work(call, front);
            None
        }
        Some(WireFault::AnswerCut) => {
            let mut bytes = finished(work(call, front));
            bytes.truncate(bytes.len().saturating_sub(8));
            Some(Bytes { whole: bytes, is_last: true })
        }
        Some(WireFault::Refused { status, code, message }) => {
            whole(finished(call.error(status, code, message)))
        }
        Some(WireFault::Held(gate)) => {
            gate.pass();
            whole(finished(work(call, front)))
        }
        None => whole(finished(work(call, front))),
    }
}

fn work(call: &Call<'_>, front: &Front) -> Answer {
    if !front.is_within_limit(call.operation) {
        return match call.payload {
            Payload::Form(_) => call.error(400, "Throttling", "Rate exceeded"),
            Payload::Object(_) => call.error(503, "SlowDown", "Please reduce your request rate."),
        };
    }
    let is_s3 = matches!(call.payload, Payload::Object(_));
    if let Err(refusal) = Caller::of(call.head).check(front, is_s3) {
        return call.error(403, refusal.aws_code, &refusal.message);
    }
    match &call.payload {
        Payload::Object(body) => s3::answer(call.operation, call.head, body, front),
        Payload::Form(_) if call.operation == sts::GET_CALLER_IDENTITY => {
            Answer::new(200, sts::caller_identity())
        }
        Payload::Form(form) => match cloudformation::answer(call.operation, form, front) {
            Ok(body) => Answer::new(200, body),
            Err(Refusal { aws_code, message, .. }) => call.error(400, aws_code, &message),
        },
    }
}

/// The operation's name where it is known; a call of another one is refused.
fn operation_of(form: &Form) -> &'static str {
    let action = form.get("Action").unwrap_or_default();
    let sts = (action == sts::GET_CALLER_IDENTITY).then_some(sts::GET_CALLER_IDENTITY);
    sts.or_else(|| cloudformation::known(action)).unwrap_or("an unknown operation")
}

impl Call<'_> {
    fn error(&self, status: u16, code: &str, message: &str) -> Answer {
        match self.payload {
            Payload::Object(_) => s3::error(status, code, message),
            Payload::Form(_) => {
                let mut xml = super::xml::Xml::new();
                xml.element("ErrorResponse", |xml| {
                    xml.element("Error", |xml| {
                        xml.text("Type", if status < 500 { "Sender" } else { "Receiver" });
                        xml.text("Code", code).text("Message", message);
                    });
                });
                Answer::new(status, xml.into_string())
            }
        }
    }
}
