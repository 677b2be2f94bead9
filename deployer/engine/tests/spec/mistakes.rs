use crate::support::examine;

/// Lists `line:column code` of what is found.
fn found(text: &str) -> Vec<String> {
    let (_, diagnostics) = examine(text, None);
    diagnostics
        .iter()
        .map(|found| {
            format!("{} {}", found.place.map_or_else(String::new, |place| place.to_string()), found.code.name)
        })
        .collect()
}

const MANY: &str = "\
name: Ingest
queues:
  messages:
    visibility_timeout: soon
    redrive: { dead_letter_queue: messages-dql }
  messages-dlq: {}
  messages-dlq: {}
tables:
  records:
    partition_kye: id
functions:
  writer:
    crate: writer
    memory_size: [256]
    environment:
      DB_PASSWORD: hunter2
    events:
      - queue: message
apis:
  records:
    routes:
      FETCH /records: writer
";

#[test]
fn many_mistakes_are_reported_at_once_each_at_its_place() {
    let expected = [
        "1:7 E1004",
        "4:25 E1004",
        "5:35 E1007",
        "7:3 E1006",
        "9:3 E1005",
        "10:5 E1002",
        "14:18 E1003",
        "16:20 E1008",
        "18:16 E1007",
        "22:7 E1012",
    ];
    assert_eq!(found(MANY), expected);
}

#[test]
fn misspelt_names_come_with_the_nearest() {
    let (_, diagnostics) = examine(MANY, None);
    let help = |code: &str| {
        let found = diagnostics.iter().filter(|found| found.code.name == code);
        found.filter_map(|found| found.help.clone()).collect::<Vec<_>>()
    };
    assert_eq!(help("E1002"), ["Did you mean `partition_key`?"]);
    assert_eq!(help("E1007"), ["Did you mean `messages-dlq`?", "Did you mean `messages`?"]);
}

#[test]
fn secret_is_not_repeated_in_the_message() {
    let (_, diagnostics) = examine(MANY, None);
    assert!(diagnostics.iter().all(|found| !found.message.contains("hunter2")));
}

#[test]
fn mistake_of_a_stage_is_reported_although_another_is_asked_for() {
    let text = "name: a\nqueues: {q: {}}\nstages:\n  dev: {}\n  prod: {queues: {q: {delai: 1}}}\n";
    let (_, diagnostics) = examine(text, Some("dev"));
    let found: Vec<_> =
        diagnostics.iter().map(|found| (found.code.name, found.place.unwrap().line)).collect();
    assert_eq!(found, [("E1002", 5)]);
}

#[test]
fn mistake_of_the_base_is_reported_once_however_many_stages_there_are() {
    let text = "name: a\nqueus: {}\nstages: {dev: {}, prod: {}, test: {}}\n";
    assert_eq!(found(text), ["2:1 E1002"]);
}

#[test]
fn law_of_the_model_points_into_the_spec() {
    let text = "name: a\nqueues:\n  q:\n    visibility_timeout: 10\nfunctions:\n  f:\n    crate: f\n    \
                timeout: 60\n    events:\n      - queue: q\n";
    assert!(found(text).contains(&"4:25 E3004".to_owned()), "{:?}", found(text));
}

#[test]
fn nothing_and_noise_are_diagnosed_not_panicked_at() {
    for text in
        ["", "~", "[]", "a", "\u{0}", "{", "&a [*a]", "name: *b", "? [x]\n: y", "---\n---\n", "%YAML 9"]
    {
        let (lowered, diagnostics) = examine(text, None);
        assert!(lowered.is_none() && !diagnostics.is_empty(), "{text:?}");
    }
}

#[test]
fn keys_of_a_table_that_dynamodb_refuses_are_found() {
    let of_table = |table: &str| found(&format!("name: orders\ntables:\n  records:\n{table}"));
    let two_types = "    partition_key: id\n    global_secondary_indexes:\n      by-number:\n        partition_key: { name: id, type: N }\n";
    assert_eq!(of_table(two_types), ["3:3 E3059"]);
    assert_eq!(of_table("    partition_key: id\n    sort_key: id\n"), ["3:3 E3059"]);
    assert_eq!(of_table("    partition_key: \"\"\n"), ["3:3 E2001", "3:3 E3059"]);
    assert_eq!(of_table("    partition_key: id\n    sort_key: at\n"), [""; 0]);
}

#[test]
fn second_policy_of_a_queue_of_the_spec_is_found() {
    let text = "\
name: orders
queues:
  messages: {}
resources:
  Second:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref MessagesQueue]
      PolicyDocument:
        Statement:
          - { Effect: Deny, Principal: { AWS: '111122223333' }, Action: sqs:SendMessage, Resource: '*' }
";
    assert_eq!(found(text), ["8:7 E3060"]);
}

#[test]
fn tags_and_addresses_that_aws_refuses_are_found_where_they_stand() {
    let text = "name: shop\ntags:\n  aws:x: y\n  '': z\n  a<b: c\n  fine: c;d\n  Team Café: data +1\ntopics:\n  t:\n    \
                subscriptions:\n      - { protocol: sms, endpoint: '4930123456' }\n      \
                - { protocol: sms, endpoint: +4930123456 }\n      - { protocol: sms, endpoint: '+0301' }\n      \
                - { protocol: email, endpoint: nobody }\n      - { protocol: email, endpoint: a@example.com }\n      \
                - { protocol: https, endpoint: 'http://example.com' }\n";
    let expected = [
        "3:10 E1004",
        "4:7 E1004",
        "5:8 E1004",
        "6:9 E1004",
        "11:36 E1004",
        "13:36 E1004",
        "14:38 E1004",
        "16:38 E1004",
    ];
    assert_eq!(found(text), expected);
}
