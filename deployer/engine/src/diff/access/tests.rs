use serde_json::json;

use super::*;

/// Atoms of all kinds of patterns: every principal with every action and resource, with and without a
/// condition.
fn all_kinds() -> BTreeSet<Atom> {
    let is = |text: &str| Pattern::Is(text.to_owned());
    let not = |text: &str| Pattern::Not([text.to_owned()].into());
    let principals = [is("*"), is("${Role}"), is("${Role*"), is("${Rolf}"), not("${Role}")];
    let actions = [is("s3:*"), is("s3:GetObject"), is("S3:Get*"), not("s3:Put*")];
    let texts = ["*", "${A.Arn}", "${A.Arn}/*", "${A.Arn}/?n/*", "${A.Arn}/in/*", "${B.Arn}", "?"];
    let resources: Vec<Pattern> =
        texts.into_iter().map(is).chain([not("${A.Arn}/*"), not("${B.Arn}")]).collect();
    let mut atoms = BTreeSet::new();
    for (principal, action) in principals.iter().flat_map(|it| actions.iter().map(move |action| (it, action)))
    {
        for (number, resource) in resources.iter().enumerate() {
            let permit = if number % 2 == 0 { Permit::Allow } else { Permit::Deny };
            let conditions = if number % 3 == 0 { BTreeSet::from(["c".to_owned()]) } else { BTreeSet::new() };
            let (principal, action, resource) = (principal.clone(), action.clone(), resource.clone());
            atoms.insert(Atom { permit, principal, action, resource, conditions });
        }
    }
    atoms
}

#[test]
fn index_leaves_out_no_atom_that_reaches_another() {
    let atoms: Vec<Atom> = all_kinds().into_iter().collect();
    let index = Index::new(&atoms);
    for atom in &atoms {
        let near: BTreeSet<usize> = index.near(atom).map(|(position, _)| position).collect();
        let reaching = atoms.iter().enumerate().filter(|(_, other)| other.reaches(atom));
        for (position, other) in reaching {
            assert!(near.contains(&position), "{other:?} reaches {atom:?}");
        }
    }
}

#[test]
fn index_leaves_out_those_that_begin_otherwise() {
    let is = |text: &str| Pattern::Is(text.to_owned());
    let atom = |resource: &str| Atom {
        permit: Permit::Allow,
        principal: is("${Role}"),
        action: is("s3:*"),
        resource: is(resource),
        conditions: BTreeSet::new(),
    };
    let atoms = [atom("${A.Arn}/*"), atom("${B.Arn}/*"), atom("${B.Arn}")];
    let index = Index::new(&atoms);
    let near: Vec<usize> = index.near(&atom("${B.Arn}/in")).map(|(position, _)| position).collect();
    assert_eq!(near, [1, 2]);
}

fn role_with(properties: Value) -> Value {
    json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}})
}

fn role(statements: Value) -> Value {
    role_with(json!({"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": statements}}]}))
}

fn allow(action: Value, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn lines(statements: &[Statement]) -> Vec<String> {
    let line = |it: &Statement| format!("{:?} {} {} {}", it.effect, it.principal, it.action, it.resource);
    statements.iter().map(line).collect()
}

#[test]
fn policy_written_otherwise_with_the_same_meaning_shows_no_change() {
    let one = role(json!([allow(json!(["a:X", "a:Y"]), "r")]));
    let two = role(json!([
        {"Sid": "Y", "Effect": "Allow", "Action": "A:y", "Resource": ["r"]},
        {"Effect": "Allow", "Action": ["a:X"], "Resource": "r"},
    ]));
    assert_eq!(changes(&one, &two), AccessChange::default());
}

#[test]
fn statement_moved_from_the_role_to_a_policy_shows_no_change() {
    let inline = role(json!([allow(json!("a:X"), "r")]));
    let moved = |kind: &str| {
        json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {}},
            "Moved": {"Type": kind, "Properties": {"Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Statement": allow(json!("a:X"), "r")}}}}})
    };
    assert_eq!(changes(&inline, &moved("AWS::IAM::Policy")), AccessChange::default());
    assert_eq!(changes(&inline, &moved("AWS::IAM::ManagedPolicy")), AccessChange::default());
}

#[test]
fn new_permission_and_lost_prohibition_widen() {
    let none = role(json!([]));
    let allowed = role(json!([allow(json!("a:X"), "r")]));
    let denied = role(json!([{"Effect": "Deny", "Action": "a:X", "Resource": "r"}]));
    assert!(changes(&none, &allowed).widens());
    assert!(changes(&denied, &none).widens());
    assert!(!changes(&allowed, &none).widens());
    assert!(!changes(&none, &denied).widens());
}

#[test]
fn wildcard_takes_the_place_of_what_it_includes() {
    let narrow = role(json!([allow(json!(["a:X", "a:Y"]), "r"), allow(json!("b:Z"), "r")]));
    let wide = role(json!([allow(json!("a:*"), "*"), allow(json!("b:Z"), "r")]));
    let widened = changes(&narrow, &wide);
    assert_eq!((lines(&widened.added), widened.removed), (vec!["Allow ${Role} a:* *".to_owned()], vec![]));
    let narrowed = changes(&wide, &narrow);
    assert!(!narrowed.widens());
    assert_eq!(lines(&narrowed.removed), ["Allow ${Role} a:* *"]);
    assert_eq!(lines(&narrowed.remaining), ["Allow ${Role} a:X r", "Allow ${Role} a:Y r"]);
}

#[test]
fn what_is_forbidden_altogether_is_not_allowed() {
    let forbidden = json!({"Effect": "Deny", "Action": "a:*", "Resource": "*"});
    let before = role(json!([forbidden]));
    let both = role(json!([forbidden, allow(json!("a:X"), "r")]));
    assert_eq!(changes(&before, &both), AccessChange::default());
    let found = changes(&both, &role(json!([allow(json!("a:X"), "r")])));
    assert_eq!(lines(&found.added), ["Allow ${Role} a:X r"]);
    assert_eq!(lines(&found.removed), ["Deny ${Role} a:* *"]);
}

#[test]
fn prohibition_with_a_condition_takes_nothing_back() {
    let sometimes =
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k": "true"}}});
    let found = changes(&role(json!([sometimes])), &role(json!([sometimes, allow(json!("a:X"), "r")])));
    assert!(found.widens());
}

#[test]
fn condition_taken_away_widens_and_one_added_narrows() {
    let mut bound = allow(json!("a:X"), "r");
    bound["Condition"] = json!({"StringEquals": {"k": ["2", "1"]}});
    let (bound, free) = (role(json!([bound])), role(json!([allow(json!("a:X"), "r")])));
    assert!(changes(&bound, &free).widens());
    let narrowed = changes(&free, &bound);
    assert_eq!(narrowed.added, [], "what is allowed still was allowed before");
    assert_eq!(narrowed.remaining[0].conditions, ["StringEquals k = 1 or 2"]);
    assert_eq!(lines(&narrowed.removed), ["Allow ${Role} a:X r"]);
    let mut turned = bound.clone();
    turned["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Condition"] =
        json!({"StringEquals": {"k": ["1", "2"]}});
    assert_eq!(changes(&bound, &turned), AccessChange::default());
}

#[test]
fn all_but_some_actions_is_wider_than_any_other_and_narrower_than_all() {
    let all_but = role(json!([{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}]));
    let some = role(json!([allow(json!("sqs:*"), "*")]));
    assert!(changes(&some, &all_but).widens());
    assert!(!changes(&all_but, &some).widens());
    assert!(changes(&all_but, &role(json!([allow(json!("iam:PassRole"), "*")]))).widens());
}

#[test]
fn managed_policy_widens_and_so_does_a_boundary_taken_away() {
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let (plain, attached) = (role_with(json!({})), role_with(json!({"ManagedPolicyArns": [arn]})));
    assert_eq!(
        lines(&changes(&plain, &attached).added),
        [format!("Allow ${{Role}} all of the managed policy {arn}")]
    );
    let bounded = role_with(json!({"PermissionsBoundary": "arn:b"}));
    assert!(changes(&bounded, &plain).widens());
    assert!(!changes(&plain, &bounded).widens());
}

#[test]
fn trust_says_who_may_become_the_role() {
    let trust = |principal: Value| {
        role_with(json!({"AssumeRolePolicyDocument": {"Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}}))
    };
    let found = changes(&trust(json!({"Service": "lambda.amazonaws.com"})), &trust(json!({"AWS": "*"})));
    assert_eq!(lines(&found.added), ["Allow * sts:AssumeRole ${Role}"]);
    assert_eq!(found.removed, [], "everybody includes the service");
}

#[test]
fn policy_of_a_queue_names_principal_and_queue() {
    let queue = |principal: Value| {
        json!({"Resources": {"Role": {"Type": "AWS::IAM::Role"},
            "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
                "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Q", "Arn"]}}]}}}}})
    };
    let by_arn = queue(json!({"Fn::GetAtt": ["Role", "Arn"]}));
    let mut own = role(json!([allow(json!("sqs:SendMessage"), "${Q.Arn}")]));
    assert_eq!(changes(&by_arn, &own), AccessChange::default());
    own["Resources"]["Role"]["Properties"] = json!({});
    assert_eq!(lines(&changes(&own, &by_arn).added), ["Allow ${Role} sqs:SendMessage ${Q.Arn}"]);
}

#[test]
fn key_policy_on_everything_means_the_key() {
    let key = json!({"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy":
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}}}}});
    assert_eq!(lines(&changes(&json!({}), &key).added), ["Allow * kms:* ${K}"]);
}

#[test]
fn lambda_permission_counts_as_access() {
    let template = json!({"Resources": {"F": {"Type": "AWS::Lambda::Function"},
        "P": {"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"},
        "Principal": "s3.amazonaws.com", "SourceArn": "arn:x"}}}});
    let found = changes(&json!({}), &template).added;
    assert_eq!(lines(&found), ["Allow s3.amazonaws.com lambda:InvokeFunction ${F.Arn}"]);
    assert_eq!(found[0].conditions, ["ArnLike aws:SourceArn = arn:x"]);
}

#[test]
fn both_branches_of_an_unknown_condition_may_come_into_force() {
    let either = role(json!([{"Fn::If": ["C", allow(json!("a:X"), "r"), allow(json!("a:Y"), "r")]}]));
    assert_eq!(lines(&changes(&json!({}), &either).added).len(), 2);
}

fn access(before: &Value, after: &Value) -> (Vec<String>, bool) {
    let found = changes(&json!({"Resources": before}), &json!({"Resources": after}));
    let line = |it: &Statement| format!("{:?} {} {} {}", it.effect, it.principal, it.action, it.resource);
    (found.widening().map(line).collect(), found == AccessChange::default())
}

#[track_caller]
fn assert_widens(kind: &str, narrow: Value, wide: Value, expected: &str) {
    let one = |properties: &Value| json!({"It": {"Type": kind, "Properties": properties}});
    assert_eq!(access(&one(&narrow), &one(&wide)).0, [expected]);
    let (widening, is_same) = access(&one(&wide), &one(&narrow));
    assert!(!is_same, "nothing said of the narrowing of {kind}");
    assert!(!widening.contains(&expected.to_owned()));
}

#[test]
fn what_is_opened_without_a_policy_widens_access() {
    let ingress = |cidr: &str, to: u32| {
        let rule = json!({"IpProtocol": "tcp", "FromPort": "443", "ToPort": to, "CidrIp": cidr});
        json!({"SecurityGroupIngress": [rule]})
    };
    let group = "AWS::EC2::SecurityGroup";
    let open = "Allow 0.0.0.0/0 connect by tcp to port 443 ${It}";
    assert_widens(group, ingress("10.0.0.0/8", 443), ingress("0.0.0.0/0", 443), open);
    let ports = "Allow 10.0.0.0/8 connect by tcp to ports 443 to 444 ${It}";
    assert_widens(group, ingress("10.0.0.0/8", 443), ingress("10.0.0.0/8", 444), ports);
    let rule = |cidr: &str| json!({"GroupId": "sg-1", "IpProtocol": -1, "CidrIpv6": cidr});
    let standalone = "AWS::EC2::SecurityGroupIngress";
    assert_widens(standalone, rule("fd00::/8"), rule("::/0"), "Allow ::/0 connect sg-1");
    assert_widens(
        "AWS::EC2::SecurityGroupEgress",
        json!({"GroupId": "sg-1", "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIp": "10.0.0.2/32"}),
        json!({"GroupId": "sg-1", "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIp": "0.0.0.0/0"}),
        "Allow sg-1 connect by udp to port 53 0.0.0.0/0",
    );
    let url = |auth: &str| json!({"TargetFunctionArn": "f", "AuthType": auth});
    assert_widens("AWS::Lambda::Url", url("AWS_IAM"), url("NONE"), "Allow * lambda:InvokeFunctionUrl ${It}");
    let route = |auth: &str| json!({"ApiId": "a", "RouteKey": "GET /", "AuthorizationType": auth});
    assert_widens("AWS::ApiGatewayV2::Route", route("AWS_IAM"), route("NONE"), "Allow * call `GET /` ${It}");
    assert_widens("AWS::ApiGatewayV2::Route", route("JWT"), route("NONE"), "Allow * call `GET /` ${It}");
    let method = |auth: &str| json!({"HttpMethod": "GET", "AuthorizationType": auth});
    assert_widens("AWS::ApiGateway::Method", method("AWS_IAM"), method("NONE"), "Allow * call GET ${It}");
    let block = |on: bool| json!({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": on}});
    assert_widens(
        "AWS::S3::Bucket",
        block(true),
        block(false),
        "Deny * be let in by new public policies ${It}",
    );
    let database = |public: bool| json!({"PubliclyAccessible": public});
    let reach = "Allow * reach it by the internet ${It}";
    assert_widens("AWS::RDS::DBInstance", database(false), database(true), reach);
}

#[test]
fn policies_of_the_serverless_application_model_are_access() {
    let function = "AWS::Serverless::Function";
    assert_widens(
        function,
        json!({}),
        json!({"Policies": ["AdministratorAccess"]}),
        "Allow ${It} all of the managed policy AdministratorAccess",
    );
    assert_widens(
        function,
        json!({"Policies": []}),
        json!({"Policies": [{"SQSPollerPolicy": {"QueueName": "q"}}]}),
        "Allow ${It} all of the policy template SQSPollerPolicy {QueueName: q}",
    );
    let statement = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    assert_widens(function, json!({}), json!({ "Policies": statement }), "Allow ${It} s3:* *");
}

#[test]
fn order_of_actions_and_the_end_of_a_resource_that_kept_the_public_out_are_no_widening() {
    let policy = |actions: [&str; 2]| {
        let statement =
            json!({"Effect": "Allow", "Action": actions, "Resource": "arn:aws:sqs:eu-west-1:1:q"});
        json!({"It": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}})
    };
    let (one, other) = ("sqs:SendMessage", "sqs:ReceiveMessage");
    assert!(access(&policy([one, other]), &policy([other, one])).1);
    let bucket = json!({"It": {"Type": "AWS::S3::Bucket", "Properties": {
        "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}}}});
    assert!(access(&bucket, &json!({})).1);
}
