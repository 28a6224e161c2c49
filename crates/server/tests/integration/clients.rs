//! The official clients, as their registries have them, and a real browser, on both engines. What they need is installed by
//! `cargo xtask test`; without it these tests fail.

use crate::harness::{folder, repository};
use crate::program::Served;
use std::path::{Path, PathBuf};
use std::process::Command;

fn clients() -> PathBuf {
    repository().join("tests/clients")
}

/// A fresh server for a project.
fn serve(project: &Path, engine: &str, site: Option<&str>) -> (crate::harness::Folder, Served) {
    let here = folder();
    let project = project.to_str().expect("a path");
    let arguments = [project, "--engine", engine, "--ephemeral", "--dev"];
    let variables: Vec<(&str, &str)> =
        site.map(|site| ("BEDPLATE_AUTH_SITE_URL", site)).into_iter().collect();
    let served = Served::start_with(here.path(), &arguments, &variables);
    (here, served)
}

/// Runs a program against it and expects that all its steps pass.
fn passes(served: Served, mut program: Command) {
    let output = program.env("SUPABASE_URL", &served.url).output();
    let output = output.unwrap_or_else(|error| panic!("{program:?}: {error}: run `cargo xtask test`"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("steps, all as they must be"), "{out}");
    assert_eq!(served.end("-TERM"), Some(0));
}

/// `node FILE` in a folder whose packages must be there.
fn node(folder: &Path, file: &str) -> Command {
    assert!(
        folder.join("node_modules/.package-lock.json").is_file(),
        "packages are missing: run `npm ci` in {}, or `cargo xtask test`",
        folder.display()
    );
    let mut command = Command::new("node");
    command.arg(file).current_dir(folder);
    command
}

fn todo_program(engine: &str) {
    let example = repository().join("examples/todo");
    let (_here, served) = serve(&example, engine, None);
    passes(served, node(&example, "todo.mjs"));
}

#[test]
fn the_todo_program_passes_on_the_embedded_engine() {
    todo_program("sqlite");
}

#[test]
fn the_todo_program_passes_on_postgresql() {
    todo_program("postgres");
}

fn javascript_client(engine: &str) {
    let (_here, served) = serve(&clients().join("project"), engine, None);
    passes(served, node(&clients(), "auth.mjs"));
}

#[test]
fn the_javascript_client_passes_on_the_embedded_engine() {
    javascript_client("sqlite");
}

#[test]
fn the_javascript_client_passes_on_postgresql() {
    javascript_client("postgres");
}

fn python_client(engine: &str) {
    let python = clients().join(".venv/bin/python");
    assert!(python.is_file(), "the Python client is missing: run `cargo xtask test`");
    let (_here, served) = serve(&clients().join("project"), engine, None);
    let mut program = Command::new(python);
    program.args(["-B", "auth.py"]).current_dir(clients());
    passes(served, program);
}

#[test]
fn the_python_client_passes_on_the_embedded_engine() {
    python_client("sqlite");
}

#[test]
fn the_python_client_passes_on_postgresql() {
    python_client("postgres");
}

fn browser(engine: &str) {
    let example = repository().join("examples/todo");
    // The page's packages are the example's.
    drop(node(&example, "page.mjs"));
    let port = free_port();
    let (_here, served) = serve(&example, engine, Some(&format!("http://127.0.0.1:{port}")));
    let mut program = node(&clients(), "browser.mjs");
    program.env("PORT", port.to_string());
    passes(served, program);
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

#[test]
fn a_browser_signs_up_in_and_out_on_the_embedded_engine() {
    browser("sqlite");
}

#[test]
fn a_browser_signs_up_in_and_out_on_postgresql() {
    browser("postgres");
}
