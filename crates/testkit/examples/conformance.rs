//! Conformance scripts without the server's tests: `cargo run -p testkit --example conformance -- NAME…` compares the embedded
//! engine's answers with the recorded ones, `--record NAME…` records PostgreSQL's anew and then compares, and writes what is refused.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints what it was asked for")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testkit::TestPostgres;
use testkit::conformance::{blocks, compare, transcript};

#[tokio::main]
async fn main() -> ExitCode {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let record = names.iter().position(|name| name == "--record").map(|at| names.remove(at)).is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let mut fine = true;
    for name in names {
        match script(&folder.join(&name).with_extension("sql"), record).await {
            Ok(equal) => fine &= equal,
            Err(error) => {
                eprintln!("{name}: {error}");
                fine = false;
            }
        }
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn script(path: &PathBuf, record: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(path)?;
    let out = path.with_extension("out");
    if record {
        let postgres = TestPostgres::start().await?;
        let database = postgres.database().await?;
        std::fs::write(&out, transcript(&*database, &text).await?)?;
        database.close().await?;
    }
    let expected = std::fs::read_to_string(&out)?;
    let database = testkit::embedded().await?;
    let found = transcript(&*database, &text).await?;
    let comparison = compare(&expected, &found);
    for difference in &comparison.different {
        println!("{difference}");
    }
    let heads: Vec<&str> =
        comparison.refused.iter().map(|block| block.lines().next().unwrap_or_default()).collect();
    println!(
        "{}: {} of {} equal, {} different, refused:\n{}",
        path.display(),
        comparison.equal,
        blocks(&expected).len(),
        comparison.different.len(),
        comparison.refused.join("")
    );
    let refused = path.with_extension("refused");
    if heads.is_empty() {
        let _ = std::fs::remove_file(refused);
    } else {
        std::fs::write(refused, format!("{}\n", heads.join("\n")))?;
    }
    Ok(comparison.different.is_empty())
}
