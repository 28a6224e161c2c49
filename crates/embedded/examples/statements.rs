//! Runs a script of SQL on a fresh embedded database and prints every answer, like `psql -A` with the error's code:
//!
//! ```text
//! cargo run -q -p embedded --example statements -- FILE        (- or nothing: standard input)
//!     --echo           print each statement before its answer
//!     --tags           print the command tag of statements that return rows, too
//!     --bare           without Supabase's roles and schemas
//!     --database FILE  in that file, which stays, instead of a database that goes
//! ```
//!
//! One session as the operator: SET, SET ROLE and the like last; BEGIN … COMMIT or ROLLBACK are transactions, within which a failure
//! aborts what follows. A line that begins with a backslash is a command of psql's and skipped. A line `-- as ROLE {claims}` changes
//! who asks.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints what it was asked for")]

use database::{Database, DatabaseError, Outcome, Result, Session, Severity, SystemPrivilege};
use embedded::{EmbeddedDatabase, Options};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long a statement may take.
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let (mut file, mut echo, mut tags, mut bare) = (None, false, false, false);
    let mut path = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--echo" => echo = true,
            "--tags" => tags = true,
            "--bare" => bare = true,
            "--database" => path = arguments.next().map(PathBuf::from),
            _ => file = Some(argument),
        }
    }
    let mut text = String::new();
    let read = match file.as_deref() {
        None | Some("-") => std::io::stdin().read_to_string(&mut text).map(drop),
        Some(path) => std::fs::read_to_string(path).map(|read| text = read),
    };
    if let Err(error) = read {
        eprintln!("{}: {error}", file.unwrap_or_default());
        return ExitCode::FAILURE;
    }
    let options = Options { path, ..Options::default() };
    match run(&text, options, echo, tags, bare).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print!("{}", failure(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(text: &str, options: Options, echo: bool, tags: bool, bare: bool) -> Result<()> {
    let database = EmbeddedDatabase::open(options)?;
    if !bare {
        database::lay_foundation(&database).await?;
    }
    // psql's commands, and nothing else, begin with a backslash; their lines stay as empty ones.
    let lines: Vec<&str> =
        text.lines().map(|line| if line.starts_with('\\') && line != "\\." { "" } else { line }).collect();
    let text = lines.join("\n");
    let mut talk = database.converse(limited(operator()))?;
    let mut seen = 0;
    for piece in syntax::split_script(&text)? {
        let between = text.get(seen..piece.offset).unwrap_or_default();
        seen = piece.offset + piece.text.len();
        if let Some(asker) = between.lines().rev().find_map(|line| line.strip_prefix("-- as ")) {
            talk = database.converse(limited(session_of(asker.trim())))?;
        }
        if echo {
            println!("{};", piece.text);
        }
        match talk.say_with_rows(piece.text, piece.copy_data).await {
            Ok(outcome) => print!("{}", answer(&outcome, tags)),
            Err(error) => print!("{}", failure(&error)),
        }
        let _ = std::io::stdout().flush();
    }
    database.close().await
}

/// `role {claims}`.
fn session_of(asker: &str) -> Session {
    let (role, claims) = asker.split_once(' ').unwrap_or((asker, ""));
    let session = if role == "postgres" { operator() } else { Session::new(role) };
    if claims.trim().is_empty() { session } else { session.with_setting("request.jwt.claims", claims.trim()) }
}

fn limited(mut session: Session) -> Session {
    session.statement_timeout = Some(LIMIT);
    session
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

/// Notices, columns and rows; the tag when there are none, or when asked for.
fn answer(outcome: &Outcome, tags: bool) -> String {
    let mut out = String::new();
    for notice in &outcome.notices {
        let severity = match notice.severity {
            Severity::Notice => "NOTICE",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        };
        let _ = writeln!(out, "{severity}:  {}: {}", notice.code, notice.message);
    }
    let columns = &outcome.result.columns;
    let rows = !columns.is_empty() || outcome.tag.starts_with("SELECT");
    if rows {
        let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        let _ = writeln!(out, "{}", names.join("|"));
        for row in &outcome.result.rows {
            let row: Vec<String> = row
                .iter()
                .zip(columns.iter())
                .map(|(value, column)| value.text(column).unwrap_or_default())
                .collect();
            let _ = writeln!(out, "{}", row.join("|"));
        }
        let count = outcome.result.rows.len();
        let _ = writeln!(out, "({count} row{})", if count == 1 { "" } else { "s" });
    }
    if let Some(copied) = &outcome.copied {
        out.push_str(copied);
    }
    if !rows || tags {
        let _ = writeln!(out, "{}", outcome.tag);
    }
    if let Some(why) = &outcome.no_effect {
        let _ = writeln!(out, "(without effect: {why})");
    }
    out
}

/// What a client sees of an error, the position as the number of the character.
fn failure(error: &DatabaseError) -> String {
    let fields = error.fields();
    let mut out = format!("ERROR:  {}: {}\n", fields.code, fields.message);
    let named = [
        ("DETAIL", &fields.detail),
        ("HINT", &fields.hint),
        ("CONTEXT", &fields.context),
        ("INTERNAL", &fields.internal),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            let _ = writeln!(out, "{name}:  {value}");
        }
    }
    if let Some(position) = fields.position {
        let _ = writeln!(out, "POSITION:  {position}");
    }
    out
}
