//! The example's program, with the official client, on both engines.

use crate::harness::{folder, repository};
use crate::program::Served;
use std::process::Command;

fn passes_on(engine: &str) {
    let example = repository().join("examples/todo");
    assert!(
        example.join("node_modules/@supabase/supabase-js").is_dir(),
        "the example's packages are missing: run `npm ci` in examples/todo"
    );
    let here = folder();
    let project = example.to_str().expect("a path");
    let served = Served::start(here.path(), &[project, "--engine", engine, "--ephemeral", "--dev"]);
    let output = Command::new("node")
        .arg("todo.mjs")
        .current_dir(&example)
        .env("SUPABASE_URL", &served.url)
        .output()
        .expect("node");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("steps, all as they must be"), "{out}");
    assert_eq!(served.end("-TERM"), Some(0));
}

#[test]
fn the_todo_program_passes_on_the_embedded_engine() {
    passes_on("sqlite");
}

#[test]
fn the_todo_program_passes_on_postgresql() {
    passes_on("postgres");
}
