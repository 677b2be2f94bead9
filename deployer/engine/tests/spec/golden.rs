use crate::support::{assert_golden, lowered};

const INGEST: &str = include_str!("../../../../examples/ingest/pipeline.yaml");
const FEEDBACK: &str = include_str!("../../../../examples/feedback/pipeline.yaml");

#[test]
fn each_example_renders_its_golden_template() {
    for (name, spec) in [("ingest", INGEST), ("feedback", FEEDBACK)] {
        assert_golden(&format!("tests/golden/{name}.json"), &format!("{:#}\n", lowered(spec, None).template));
    }
}

#[test]
fn example_rendered_twice_gives_equal_bytes() {
    let render = |stage| lowered(INGEST, stage).template.to_string();
    assert_eq!(render(None), render(None));
    assert_eq!(render(Some("prod")), render(Some("prod")));
}

#[test]
fn every_stage_of_the_examples_renders() {
    for stage in ["dev", "prod"] {
        assert_eq!(lowered(INGEST, Some(stage)).stack_name, format!("ingest-{stage}"));
        assert_eq!(lowered(FEEDBACK, Some(stage)).stack_name, format!("feedback-{stage}"));
    }
}
