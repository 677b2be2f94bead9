//! Installing the engine, from the package index into a new cache.

use std::cell::RefCell;
use std::path::PathBuf;

use pipectl_local::{EngineHome, Fault, LocalEvent, ProvisionError, provision};

#[tokio::test]
async fn two_that_provision_at_once_install_once_and_a_broken_installation_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let home = EngineHome::new(folder.path(), folder.path().join("state"));
    let events = RefCell::new(Vec::new());
    let listen = |event| events.borrow_mut().push(event);
    let (first, second) = tokio::join!(provision(&home, None, &listen), provision(&home, None, &listen));
    first.unwrap();
    second.unwrap();
    let installations = provisioned(&events.borrow());
    assert_eq!(installations.len(), 1, "{:?}", events.borrow());

    std::fs::remove_file(installations[0].join("bin/python")).unwrap();
    provision(&home, None, &listen).await.unwrap();
    assert_eq!(provisioned(&events.borrow()).len(), 2);
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
