//! Starting, finding again, stopping and emptying.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use pipectl_local::{
    ENGINE_VERSION, EngineHome, EngineStatus, LocalEvent, StartError, StartOptions, reset, start, status,
    stop,
};
use serde_json::{Value, json};

use crate::project::{Project, crash, create_table, dynamodb, kill, s3, sqs};

#[tokio::test]
async fn engine_that_never_ran_is_stopped() {
    let project = Project::new();
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
    project.stop().await;
    assert!(project.heard(&LocalEvent::NotRunning));
}

#[tokio::test]
async fn started_engine_answers_and_second_start_finds_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(engine.version, ENGINE_VERSION);
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Running(engine.clone()));
    assert_eq!(project.start().await.unwrap(), engine);
    assert!(project.heard(&LocalEvent::AlreadyRunning { endpoint: engine.endpoint }));
}

#[tokio::test]
async fn two_starts_at_once_give_one_engine() {
    let project = Project::new();
    let (first, second) = tokio::join!(project.start(), project.start());
    assert_eq!(first.unwrap(), second.unwrap());
}

#[tokio::test]
async fn two_projects_have_an_engine_each() {
    let (one, other) = (Project::new(), Project::new());
    let (first, second) = tokio::join!(one.start(), other.start());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.port, second.port);
    assert_eq!(s3(&first, "PUT", "/only-in-one"), 200);
    assert_eq!(s3(&second, "HEAD", "/only-in-one"), 404);
}

#[tokio::test]
async fn stopped_engine_keeps_its_port_and_its_buckets() {
    let project = Project::new();
    let before = project.start().await.unwrap();
    assert_eq!(s3(&before, "PUT", "/kept"), 200);
    project.stop().await;
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
    let after = project.start().await.unwrap();
    assert_eq!(after.port, before.port);
    assert_eq!(s3(&after, "HEAD", "/kept"), 200);
}

/// What is long is saved in slices of 1,000.
#[tokio::test]
async fn stopped_engine_keeps_all_of_a_long_queue_and_a_large_table() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let queue = sqs(&engine, "CreateQueue", &json!({"QueueName": "long"}))["QueueUrl"].clone();
    create_table(&engine, "large");
    for batch in 0..110 {
        let entries: Vec<Value> =
            (0..10).map(|it| json!({"Id": it.to_string(), "MessageBody": format!("{batch}-{it}")})).collect();
        sqs(&engine, "SendMessageBatch", &json!({"QueueUrl": queue, "Entries": entries}));
        let items: Vec<Value> = (0..10)
            .map(|it| json!({"PutRequest": {"Item": {"id": {"S": format!("{batch}-{it}")}}}}))
            .collect();
        assert_eq!(dynamodb(&engine, "BatchWriteItem", &json!({"RequestItems": {"large": items}})).0, 200);
    }
    project.stop().await;
    let engine = project.start().await.unwrap();
    let names = ["ApproximateNumberOfMessages"];
    let found = sqs(&engine, "GetQueueAttributes", &json!({"QueueUrl": queue, "AttributeNames": names}));
    assert_eq!(found["Attributes"][names[0]], "1100");
    let (_, found) = dynamodb(&engine, "Scan", &json!({"TableName": "large", "Select": "COUNT"}));
    assert_eq!(serde_json::from_str::<Value>(&found).unwrap()["Count"], 1100);
}

#[tokio::test]
async fn engine_started_without_persistence_forgets() {
    let project = Project::new();
    let options = StartOptions { persist: Some(false), ..StartOptions::default() };
    let engine = project.start_with(options.clone()).await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/forgotten"), 200);
    project.stop().await;
    let engine = project.start_with(options).await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/forgotten"), 404);
}

#[tokio::test]
async fn reset_engine_runs_on_and_is_empty() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/gone"), 200);
    reset(&project.home, &|_: LocalEvent| ()).await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/gone"), 404);
}

#[tokio::test]
async fn reset_of_a_stopped_engine_empties_what_it_kept() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/gone"), 200);
    project.stop().await;
    reset(&project.home, &|_: LocalEvent| ()).await.unwrap();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/gone"), 404);
}

#[tokio::test]
async fn killed_engine_is_stale_and_starts_again_on_its_port() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    crash(&engine).await;
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stale { pid: engine.pid });
    let again = project.start().await.unwrap();
    assert_eq!(again.port, engine.port);
    assert!(project.heard(&LocalEvent::StaleStateRemoved { pid: engine.pid }));
}

#[tokio::test]
async fn engine_with_a_corrupt_record_is_recognised() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    std::fs::write(project.home.state_dir().join("engine.json"), "{").unwrap();
    assert_eq!(project.start().await.unwrap(), engine);
    assert!(project.heard(&LocalEvent::Adopted { pid: engine.pid }));
}

#[tokio::test]
async fn engine_whose_starter_died_before_it_wrote_the_record_can_be_stopped() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    std::fs::remove_file(project.home.state_dir().join("engine.json")).unwrap();
    project.stop().await;
    assert!(project.heard(&LocalEvent::Stopped { pid: engine.pid }));
}

#[tokio::test]
async fn port_taken_since_the_last_run_is_left_to_its_owner() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    project.stop().await;
    let _owner = TcpListener::bind(("127.0.0.1", engine.port)).unwrap();
    let port = project.start().await.unwrap().port;
    assert!(project.heard(&LocalEvent::PortChanged { wanted: engine.port, port }));
}

#[tokio::test]
async fn wanted_port_in_use_is_named_in_the_error() {
    let project = Project::new();
    let owner = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = owner.local_addr().unwrap().port();
    let options = StartOptions { port: Some(port), ..StartOptions::default() };
    let error = project.start_with(options).await.unwrap_err();
    assert!(matches!(error, StartError::PortTaken { port: taken } if taken == port));
}

#[tokio::test]
async fn engine_that_cannot_start_says_why() {
    let project = Project::new();
    std::fs::create_dir_all(project.home.state_dir().join("engine.log")).unwrap();
    let error = project.start().await.unwrap_err();
    assert!(matches!(error, StartError::Exited { said, .. } if said.contains("engine.log")));
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
}

#[tokio::test]
async fn hanging_engine_is_unresponsive_and_stop_ends_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    kill("-STOP", engine.pid);
    let hanging = EngineStatus::Unresponsive { pid: engine.pid, port: engine.port };
    assert_eq!(status(&project.home).await.unwrap(), hanging);
    kill("-CONT", engine.pid);
    project.stop().await;
    assert!(project.heard(&LocalEvent::Stopped { pid: engine.pid }));
}

#[tokio::test]
async fn hanging_engine_is_not_ended_by_a_start() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    kill("-STOP", engine.pid);
    let error = project.start().await.unwrap_err();
    assert!(matches!(error, StartError::Unresponsive { pid, .. } if pid == engine.pid), "{error}");
    kill("-CONT", engine.pid);
    assert_eq!(project.start().await.unwrap(), engine);
}

#[tokio::test]
async fn moved_project_finds_its_engine_and_keeps_its_state() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let old = project.home.state_dir().parent().unwrap().to_owned();
    let new = old.with_file_name("moved");
    std::fs::rename(&old, &new).unwrap();
    let home = EngineHome::new(project.home.cache_dir(), new.join("local"));
    let nobody = |_: LocalEvent| ();
    assert_eq!(status(&home).await.unwrap(), EngineStatus::Running(engine.clone()));
    let error = start(&home, &StartOptions::default(), &nobody).await.unwrap_err();
    assert!(matches!(error, StartError::Moved { pid, .. } if pid == engine.pid), "{error}");
    assert_eq!(s3(&engine, "PUT", "/kept-in-a-move"), 200);
    stop(&home, &nobody).await.unwrap();
    let again = start(&home, &StartOptions::default(), &nobody).await.unwrap();
    let found = s3(&again, "HEAD", "/kept-in-a-move");
    stop(&home, &nobody).await.unwrap();
    assert_eq!((again.port, found), (engine.port, 200));
}

#[tokio::test]
async fn copied_project_gets_an_engine_of_its_own() {
    let (project, copy) = (Project::new(), Project::new());
    let engine = project.start().await.unwrap();
    let folder = copy.home.state_dir().to_owned();
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    let copied = Command::new("cp").arg("-a").args([project.home.state_dir(), &folder]).status().unwrap();
    assert!(copied.success());
    assert_eq!(status(&copy.home).await.unwrap(), EngineStatus::Stopped);
    copy.stop().await;
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Running(engine.clone()));
    let own = copy.start().await.unwrap();
    assert_ne!((own.pid, &own.credentials), (engine.pid, &engine.credentials));
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Running(engine));
}

#[tokio::test]
async fn engine_listens_on_loopback_only_and_in_a_process_group_of_its_own() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let listing = Command::new("ps")
        .args(["-o", "pgid=", "-p", &engine.pid.to_string()])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(listing.stdout).unwrap().trim(), engine.pid.to_string());
    let elsewhere = TcpStream::connect(("127.0.0.2", engine.port));
    assert!(elsewhere.is_err());
}
