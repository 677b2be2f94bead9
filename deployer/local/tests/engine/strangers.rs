//! Whoever is not signed with the engine's credentials is refused, whatever he asks for.

use pipectl_local::{Credentials, RunningEngine, StartOptions, Unsigned};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::project::{Project, call_service, create_stack, s3, send};

const LIST_QUEUES: &str = r#"{}"#;
const TARGET: &str = "X-Amz-Target: AmazonSQS.ListQueues";
const JSON: &str = "Content-Type: application/x-amz-json-1.0";

/// The headers of a signed request of SQS, as lines.
fn signed(credentials: &Credentials, body: &str) -> Vec<String> {
    let url = "http://127.0.0.1/";
    let request = Unsigned { service: "sqs", method: "POST", url, headers: &[], body: body.as_bytes() };
    let signature = credentials.sign(&request).unwrap();
    signature
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .chain([TARGET.into(), JSON.into()])
        .collect()
}

fn post(engine: &RunningEngine, headers: &[String], body: &str) -> u16 {
    send(engine, "POST", "/", &headers.join("\r\n"), body).0
}

#[tokio::test]
async fn unsigned_wrongly_signed_and_changed_requests_are_refused() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let own = &engine.credentials;
    assert_eq!(post(&engine, &signed(own, LIST_QUEUES), LIST_QUEUES), 200);

    assert_eq!(post(&engine, &[TARGET.to_owned(), JSON.to_owned()], LIST_QUEUES), 403, "no signature");
    let zero = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/sqs/aws4_request, \
                SignedHeaders=host, Signature=0";
    let plain = [TARGET.to_owned(), JSON.to_owned(), zero.to_owned()];
    assert_eq!(post(&engine, &plain, LIST_QUEUES), 403, "a signature of 0");
    let [well_known, twelve_digits, unknown] = ["test", "123456789012", "AKIAAAAAAAAAAAAAAAAA"]
        .map(|id| Credentials { access_key_id: id.to_owned(), secret_access_key: "test".to_owned() });
    assert_eq!(post(&engine, &signed(&well_known, LIST_QUEUES), LIST_QUEUES), 403, "test:test");
    assert_eq!(post(&engine, &signed(&twelve_digits, LIST_QUEUES), LIST_QUEUES), 403, "an account ID");
    assert_eq!(post(&engine, &signed(&unknown, LIST_QUEUES), LIST_QUEUES), 403, "an unknown key");
    let wrong = Credentials { secret_access_key: "0".repeat(40), ..own.clone() };
    assert_eq!(post(&engine, &signed(&wrong, LIST_QUEUES), LIST_QUEUES), 403, "a wrong secret");
    let changed = r#"{"QueueNamePrefix":"a"}"#;
    assert_eq!(post(&engine, &signed(own, LIST_QUEUES), changed), 403, "another body");
    let stale: Vec<String> =
        signed(own, LIST_QUEUES)
            .into_iter()
            .map(|line| {
                if line.starts_with("x-amz-date") { "x-amz-date: 20200101T000000Z".to_owned() } else { line }
            })
            .collect();
    assert_eq!(post(&engine, &stale, LIST_QUEUES), 403, "another time");
}

#[tokio::test]
async fn nothing_of_the_engine_itself_answers_without_a_signature() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    for (method, path) in [
        ("POST", "/_ministack/reset"),
        ("GET", "/_ministack/health"),
        ("GET", "/_localstack/health"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/sns/sms-messages"),
        ("GET", "/_aws/sqs/messages"),
        ("GET", "/_aws/ses"),
        ("GET", "/"),
        ("PUT", "/bucket"),
        ("POST", "/2015-03-31/functions"),
        ("POST", "/2015-03-31/functions/any/invocations"),
        ("OPTIONS", "/bucket"),
    ] {
        assert_eq!(send(&engine, method, path, "", "").0, 403, "{method} {path}");
    }
    assert_eq!(s3(&engine, "HEAD", "/bucket"), 404, "nothing was made");
}

#[tokio::test]
async fn foreign_hosts_and_pages_are_refused_though_they_are_signed() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let port = engine.port;
    let list = |host: &str, more: &str| {
        let url = format!("http://{host}/");
        let request = Unsigned { service: "s3", method: "GET", url: &url, headers: &[], body: b"" };
        let signature = engine.credentials.sign(&request).unwrap();
        let lines = signature.iter().map(|(name, value)| format!("{name}: {value}"));
        let headers: Vec<String> = lines.chain([more.to_owned()]).filter(|line| !line.is_empty()).collect();
        crate::project::send_as(&engine, host, ("GET", "/"), &headers.join("\r\n"), "")
    };
    for host in ["127.0.0.1".to_owned(), format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(list(&host, "").0, 200, "{host}");
    }
    for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com", "127.0.0.1:x", "10.0.0.1"] {
        assert_eq!(list(host, "").0, 403, "{host}");
    }
    for origin in ["https://example.com", "null", "http://localhost:3000"] {
        let (status, answer) = list("127.0.0.1", &format!("Origin: {origin}"));
        assert_eq!((status, answer.to_lowercase().contains("access-control")), (403, false), "{origin}");
    }
}

#[tokio::test]
async fn presigned_request_is_held_to_its_signature() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/shared"), 200);
    let (status, _) = call_service(&engine, "s3", ("PUT", "/shared/file"), "", "content");
    assert_eq!(status, 200);
    let date = "20200101T000000Z";
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F20200101%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date={date}&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={}",
        engine.credentials.access_key_id,
        "0".repeat(64),
    );
    assert_eq!(send(&engine, "GET", &format!("/shared/file?{query}"), "", "").0, 403);
}

#[tokio::test]
async fn open_engine_takes_the_well_known_pair_with_its_signature() {
    let project = Project::new();
    let options = StartOptions { open: Some(true), ..StartOptions::default() };
    let engine = project.start_with(options).await.unwrap();
    let test =
        |secret: &str| Credentials { access_key_id: "test".to_owned(), secret_access_key: secret.to_owned() };
    assert_eq!(post(&engine, &signed(&test("test"), LIST_QUEUES), LIST_QUEUES), 200);
    assert_eq!(post(&engine, &signed(&test("other"), LIST_QUEUES), LIST_QUEUES), 403);
    assert_eq!(post(&engine, &[TARGET.to_owned(), JSON.to_owned()], LIST_QUEUES), 403);
}

#[tokio::test]
async fn deployed_api_answers_everybody_and_its_cors_configuration_decides_about_pages() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let template = json!({"Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
    }});
    assert_eq!(create_stack(&engine, "open", &template), "CREATE_COMPLETE");
    let (_, apis) = call_service(&engine, "apigateway", ("GET", "/v2/apis"), "", "");
    let apis: serde_json::Value = serde_json::from_str(&apis).unwrap();
    let id = apis["items"][0]["apiId"].as_str().unwrap();
    let path = format!("/_aws/execute-api/{id}/$default/records");
    let (status, answer) = send(&engine, "GET", &path, "Origin: https://example.com", "");
    assert_eq!(status, 404, "{answer}");
}

/// The engine looks at a path of its own first, whatever the host: an API's host opens its routes alone.
#[tokio::test]
async fn host_of_an_api_or_a_function_opens_no_other_path_and_no_service() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/stays"), 200);
    let port = engine.port;
    let names =
        ["0a1b2c3d.execute-api", "any.execute-api", "0123456789abcdef0123456789abcdef.lambda-url.eu-west-1"];
    let claim = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/sqs/aws4_request, \
                 SignedHeaders=host, Signature=0";
    for host in names.map(|name| format!("{name}.localhost:{port}")) {
        for (method, path) in [
            ("POST", "/_ministack/reset"),
            ("POST", "/_ministack/config"),
            ("GET", "/_ministack/health"),
            ("OPTIONS", "/"),
            ("GET", "/stays"),
            ("POST", "/Execute"),
            ("POST", "/2015-03-31/functions"),
        ] {
            let origin = "Origin: https://example.com\r\nAccess-Control-Request-Method: POST";
            let (status, answer) = crate::project::send_as(&engine, &host, (method, path), origin, "");
            assert_eq!(status, 404, "{host} {method} {path}: {answer}");
            assert!(!answer.to_lowercase().contains("access-control"), "{answer}");
        }
        let headers = [claim, "X-Amz-Date: 20261201T000000Z", TARGET, JSON].join("\r\n");
        let (status, answer) = crate::project::send_as(&engine, &host, ("POST", "/"), &headers, "{}");
        assert_eq!(status, 403, "{host}: {answer}");
    }
    assert_eq!(s3(&engine, "HEAD", "/stays"), 200);
}

/// The engine believes whoever says that he is the root user.
#[tokio::test]
async fn caller_of_an_api_who_names_an_access_key_is_held_to_its_signature() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let path = "/_aws/execute-api/0a1b2c3d/route";
    let claim = |key: &str, algorithm: &str| {
        let credential = format!("{key}/20261201/us-east-1/execute-api/aws4_request");
        format!(
            "Authorization: {algorithm} Credential={credential}, SignedHeaders=host, Signature=0\r\n\
             X-Amz-Date: 20261201T000000Z"
        )
    };
    for key in ["test", "000000000000", engine.credentials.access_key_id.as_str()] {
        for algorithm in ["AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"] {
            assert_eq!(send(&engine, "GET", path, &claim(key, algorithm), "").0, 403, "{key} {algorithm}");
        }
        let query = format!("{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}%2F20261201");
        assert_eq!(send(&engine, "GET", &query, "", "").0, 403, "{query}");
    }
    assert_eq!(send(&engine, "GET", path, "Authorization: Bearer token", "").0, 404);
    assert_eq!(send(&engine, "GET", "/_aws/execute-api/0a1b2c3d/prod/@connections/one", "", "").0, 403);
    assert_eq!(call_service(&engine, "execute-api", ("GET", path), "", "").0, 404);
}

/// Its credentials are the account's number and the engine's secret when policies are not enforced.
#[tokio::test]
async fn function_reaches_an_engine_that_enforces_nothing() {
    let project = Project::new();
    let options = StartOptions { enforce_iam: Some(false), ..StartOptions::default() };
    let engine = project.start_with(options).await.unwrap();
    let own = Credentials { access_key_id: "000000000000".to_owned(), ..engine.credentials.clone() };
    assert_eq!(post(&engine, &signed(&own, LIST_QUEUES), LIST_QUEUES), 200);
}

/// The engine would derive them from the names of the function and its role.
#[tokio::test]
async fn credentials_of_a_function_cannot_be_guessed_from_its_name() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let code = "import os\ndef handler(event, context):\n  return os.environ['AWS_SECRET_ACCESS_KEY']";
    let trust = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}});
    let template = json!({"Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "guessed",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        }},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "guessed", "Runtime": "python3.12", "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": code},
        }},
    }});
    assert_eq!(create_stack(&engine, "guessed", &template), "CREATE_COMPLETE");
    let path = "/2015-03-31/functions/guessed/invocations";
    let (status, secret) = call_service(&engine, "lambda", ("POST", path), "", "{}");
    assert_eq!((status, secret.len()), (200, 66), "{secret}");
    let digest = |text: &str| {
        let bytes = Sha256::digest(text);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (function, role) =
        ("arn:aws:lambda:us-east-1:000000000000:function:guessed", "arn:aws:iam::000000000000:role/guessed");
    let guess = digest(&format!("secret:{}", digest(&format!("{function}:{role}"))));
    assert_ne!(secret, format!("\"{guess}\""));
}
