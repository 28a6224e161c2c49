//! The types that `bedplate types` prints, checked by the compilers of their languages. The packages are those of tests/clients: `cargo xtask test`
//! installs them, without them these tests fail.

use crate::app::App;
use rest::Language;
use std::path::{Path, PathBuf};
use std::process::Command;

crate::on_each_engine!(typescript_is_accepted, python_is_accepted);

const SCHEMA: &str = include_str!("types.sql");

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients").canonicalize().expect("the clients")
}

/// A folder of its own for each test, where node finds the clients' packages.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("types-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(clients().join("node_modules"), folder.join("node_modules"))
        .expect("the packages");
    folder
}

async fn types(app: &App, language: Language) -> String {
    // Nothing else, so that what is kept hangs on this schema alone.
    app.execute("drop schema public cascade").await;
    app.execute("create schema public").await;
    for text in SCHEMA.split(";\n").filter(|text| !text.trim().is_empty()) {
        app.execute(text).await;
    }
    let catalog = app.database.catalog().await.expect("a catalog");
    rest::types(&catalog, &["public".to_owned(), "other".to_owned()], language)
}

fn run(command: &mut Command) -> (bool, String) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}: run `cargo xtask test`"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// A text compared with the one that is kept; written anew where that is asked for.
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api").join(name);
    if std::env::var_os("BEDPLATE_RECORD").is_some() {
        std::fs::write(&path, text).expect("the golden file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} differs (BEDPLATE_RECORD=1 writes it anew):\n{text}");
}

async fn typescript_is_accepted(app: App) {
    let text = types(&app, Language::TypeScript).await;
    golden("types.golden.ts", &text);
    let folder = folder(&format!("ts-{:?}", app.database.engine()));
    std::fs::write(folder.join("database.types.ts"), text).expect("a file");
    std::fs::write(folder.join("uses.ts"), include_str!("types.uses.ts")).expect("a file");
    let tsc = || {
        let mut command = Command::new("node");
        command.current_dir(&folder).arg(clients().join("node_modules/typescript/bin/tsc"));
        command.args(["--noEmit", "--strict", "--skipLibCheck", "--preserveSymlinks"]);
        command.args(["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]);
        command
    };
    let (well, said) = run(tsc().arg("uses.ts"));
    assert!(well, "{said}");
    // Each of the wrong uses is found: a check that cannot fail is none.
    for (number, wrong) in include_str!("types.wrong.ts").lines().filter(|line| !line.is_empty()).enumerate()
    {
        let head = include_str!("types.uses.ts").split("// —").next().unwrap_or_default();
        std::fs::write(folder.join("wrong.ts"), format!("{head}{wrong}\n")).expect("a file");
        // The text is the same on both engines: there each is tried, here one.
        if number == 0 || app.database.engine() == database::Engine::Embedded {
            let (well, said) = run(tsc().arg("wrong.ts"));
            assert!(!well && said.contains("wrong.ts("), "{wrong}: {said}");
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

async fn python_is_accepted(app: App) {
    let text = types(&app, Language::Python).await;
    golden("types.golden.py", &text);
    let folder = folder(&format!("py-{:?}", app.database.engine()));
    std::fs::write(folder.join("database_types.py"), text).expect("a file");
    std::fs::write(folder.join("uses.py"), include_str!("types.uses.py")).expect("a file");
    let python = || {
        let mut command = Command::new(clients().join(".venv/bin/python"));
        command.current_dir(&folder);
        command
    };
    let (well, said) = run(python().args(["-m", "mypy", "--strict", "uses.py"]));
    assert!(well, "{said}");
    let (well, said) = run(python().arg("uses.py"));
    assert!(well, "{said}");
    let wrong = "from database_types import PublicPeopleInsert\na: PublicPeopleInsert = {\"mood\": \"glad\", \"born\": 1, \"age\": 1}\n";
    std::fs::write(folder.join("wrong.py"), wrong).expect("a file");
    let (well, said) = run(python().args(["-m", "mypy", "--strict", "wrong.py"]));
    assert!(!well && said.contains("Found 2 errors"), "{said}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
