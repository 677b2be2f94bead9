use crate::support::{assert_golden, lowered};

const INGEST: &str = include_str!("../../../../examples/ingest/pipeline.yaml");

#[test]
fn example_renders_its_golden_template() {
    assert_golden("tests/golden/ingest.json", &format!("{:#}\n", lowered(INGEST, None).template));
}

#[test]
fn example_rendered_twice_gives_equal_bytes() {
    let render = |stage| lowered(INGEST, stage).template.to_string();
    assert_eq!(render(None), render(None));
    assert_eq!(render(Some("prod")), render(Some("prod")));
}

#[test]
fn every_stage_of_the_example_renders() {
    for stage in ["dev", "prod"] {
        assert_eq!(lowered(INGEST, Some(stage)).stack_name, format!("ingest-{stage}"));
    }
}
