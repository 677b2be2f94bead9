//! Installing the engine, from the package index into a new cache.

use std::cell::RefCell;
use std::path::PathBuf;

use pipectl_local::{EngineHome, Fault, LocalEvent, ProvisionError, provision};

#[tokio::test]
async fn two_that_provision_at_once_after_a_third_was_killed_install_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = EngineHome::new(folder.path(), folder.path().join("state"));
    std::fs::create_dir_all(folder.path().join("local-engine/partial/bin/python")).unwrap();
    let events = RefCell::new(Vec::new());
    let listen = |event| events.borrow_mut().push(event);
    let (first, second) = tokio::join!(provision(&home, None, &listen), provision(&home, None, &listen));
    first.unwrap();
    second.unwrap();
    assert_eq!(provisioned(&events.borrow()).len(), 1, "{:?}", events.borrow());
}

fn provisioned(events: &[LocalEvent]) -> Vec<PathBuf> {
    events
        .iter()
        .filter_map(|event| match event {
            LocalEvent::Provisioned { path } => Some(path.clone()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn missing_interpreter_is_named_with_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    let home = EngineHome::new(folder.path(), folder.path().join("state"));
    let python = folder.path().join("python3");
    let error = provision(&home, Some(&python), &|_: LocalEvent| ()).await.unwrap_err();
    let ProvisionError::NoPython { tried } = error else { panic!("{error}") };
    assert_eq!((tried[0].command.clone(), tried[0].fault), (python, Fault::Missing));
}
