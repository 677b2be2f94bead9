use serde_json::json;

use crate::support::{examine, lowered};

const BASE: &str = "\
name: ingest
tags: { team: data }
queues:
  messages: { visibility_timeout: 5m }
functions:
  writer: { crate: writer, memory_size: 256, events: [{ queue: messages }] }
stages:
  dev: {}
  prod:
    tags: { team: null, cost: prod }
    functions: { writer: { memory_size: 1GB } }
";

fn memory(stage: Option<&str>) -> serde_json::Value {
    lowered(BASE, stage).template["Resources"]["WriterFunction"]["Properties"]["MemorySize"].clone()
}

#[test]
fn stage_names_the_stack_and_changes_what_it_says() {
    assert_eq!(lowered(BASE, None).stack_name, "ingest");
    assert_eq!(lowered(BASE, Some("prod")).stack_name, "ingest-prod");
    assert_eq!(
        [memory(None), memory(Some("dev")), memory(Some("prod"))],
        [json!(256), json!(256), json!(1024)]
    );
}

#[test]
fn null_in_a_stage_removes_the_key() {
    let tags = lowered(BASE, Some("prod")).tags;
    assert_eq!(tags.get("team"), None);
    assert_eq!(tags.get("cost").map(String::as_str), Some("prod"));
}

#[test]
fn text_that_looks_like_a_number_keeps_its_characters() {
    let text = "name: envx\ndescription: 1.10\ntags: { version: 2.0, build: 20241231235959123456789 }\nfunctions:\n  f:\n    \
                crate: f\n    memory_size: 512\n    environment:\n      SHA: 12345e67\n      VERSION: 1.10\n      PHONE: +4930\n      \
                RATIO: .50\n      FLAG: no\n      ON: True\n      ID: 012345678901\n";
    let lowered = lowered(text, None);
    assert_eq!(lowered.template["Description"], json!("1.10"));
    assert_eq!(lowered.tags["version"], "2.0");
    assert_eq!(lowered.tags["build"], "20241231235959123456789");
    let function = &lowered.template["Resources"]["FFunction"]["Properties"];
    assert_eq!(function["MemorySize"], json!(512));
    assert_eq!(
        function["Environment"]["Variables"],
        json!({"SHA": "12345e67", "VERSION": "1.10", "PHONE": "+4930", "RATIO": ".50", "FLAG": "no", "ON": "True",
               "ID": "012345678901"})
    );
}

#[test]
fn override_is_merged_into_the_rendered_resource() {
    let text = format!(
        "{BASE}overrides:\n  MessagesQueue: {{ Properties: {{ DelaySeconds: 7, VisibilityTimeout: null }} }}\n"
    );
    let queue = lowered(&text, None).template["Resources"]["MessagesQueue"]["Properties"].clone();
    assert_eq!(queue["DelaySeconds"], json!(7));
    assert_eq!(queue.get("VisibilityTimeout"), None);
    assert_eq!(queue["SqsManagedSseEnabled"], json!(true));
}

#[test]
fn routes_without_authorization_of_their_own_have_that_of_the_api() {
    let text = "name: shop\nfunctions: { f: { crate: f } }\napis:\n  shop:\n    authorization: aws_iam\n    routes:\n      \
                POST /orders: f\n      GET /health: { function: f, authorization: none }\n      \
                GET /orders: { function: f }\n";
    let resources = lowered(text, None).template["Resources"].clone();
    let types: Vec<_> = resources
        .as_object()
        .unwrap()
        .values()
        .filter(|resource| resource["Type"] == "AWS::ApiGatewayV2::Route")
        .map(|route| {
            (route["Properties"]["RouteKey"].clone(), route["Properties"]["AuthorizationType"].clone())
        })
        .collect();
    let expected = [("GET /health", "NONE"), ("GET /orders", "AWS_IAM"), ("POST /orders", "AWS_IAM")];
    assert_eq!(types, expected.map(|(key, authorization)| (json!(key), json!(authorization))));
}

#[test]
fn raw_resource_is_rendered_as_it_is_with_short_tags_in_long_form() {
    let text = format!(
        "{BASE}resources:\n  Url:\n    Type: AWS::SSM::Parameter\n    DependsOn: [WriterFunction]\n    \
         Properties: {{ Type: String, Value: !GetAtt MessagesQueue.Arn, Name: !Sub '${{AWS::StackName}}-url' }}\n"
    );
    let expected = json!({"Type": "AWS::SSM::Parameter", "DependsOn": ["WriterFunction"], "Properties": {
        "Type": "String", "Value": {"Fn::GetAtt": ["MessagesQueue", "Arn"]},
        "Name": {"Fn::Sub": "${AWS::StackName}-url"}}});
    assert_eq!(lowered(&text, None).template["Resources"]["Url"], expected);
}

#[test]
fn secret_stays_a_dynamic_reference() {
    let text =
        "name: a\nfunctions: {f: {crate: f, environment: {API_KEY_TOKEN: {secret: api, field: key}}}}\n";
    let template = lowered(text, None).template;
    let variables = &template["Resources"]["FFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["API_KEY_TOKEN"], json!("{{resolve:secretsmanager:api:SecretString:key}}"));
}

#[test]
fn raw_resources_and_overrides_are_held_to_the_schemas_where_they_stand() {
    let text = "name: a\nqueues: {jobs: {}}\nresources:\n  Net:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n      InstanceTenancy: shared\noverrides:\n  JobsQueue:\n    Properties:\n      DelaySeconds: 5000\n";
    let found = examine(text, None).1;
    let errors = found.iter().filter(|it| it.is_error());
    let told: Vec<_> = errors
        .map(|it| (it.code.name, it.place.map(|place| (place.line, place.column)), it.message.as_str()))
        .collect();
    let expected = [
        ("E2023", Some((8, 24)), "`InstanceTenancy` of AWS::EC2::VPC does not take `\"shared\"`."),
        ("E2001", Some((12, 21)), "`DelaySeconds` of AWS::SQS::Queue takes 0 to 900, not `5000`."),
    ];
    assert_eq!(told, expected);
}

#[test]
fn export_name_is_substituted_where_it_asks_for_it() {
    let output = |export: &str| {
        let text = format!(
            "name: orders\nqueues:\n  messages: {{}}\noutputs:\n  Own: {{ value: !Ref MessagesQueue, export: \"{export}\" }}\n"
        );
        lowered(&text, None).template["Outputs"]["Own"]["Export"]["Name"].clone()
    };
    assert_eq!(output("${AWS::StackName}-queue"), serde_json::json!({"Fn::Sub": "${AWS::StackName}-queue"}));
    assert_eq!(output("orders-queue"), serde_json::json!("orders-queue"));
}

#[test]
fn bucket_name_of_the_spec_is_the_one_that_the_role_names() {
    let text = "\
name: orders
buckets:
  uploads: { bucket_name: acme-uploads }
functions:
  reader:
    crate: reader
    environment:
      BUCKET: { bucket: uploads, access: read }
";
    let template = lowered(text, None).template;
    assert_eq!(template["Resources"]["UploadsBucket"]["Properties"]["BucketName"], "acme-uploads");
    assert!(template.to_string().contains("arn:${AWS::Partition}:s3:::acme-uploads/*"));
}
