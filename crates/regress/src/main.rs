//! PostgreSQL's own regression scripts on the embedded engine: statement by statement, beside a real PostgreSQL.
//!
//! ```text
//! regress --checkout DIR [--out DIR] [SCRIPT…]
//! ```
//!
//! `DIR` is a source tree of PostgreSQL; its `src/test/regress` is read, nothing of it is kept. Each script runs in a process of its
//! own, on a fresh copy of a database in which `test_setup.sql` (and the scripts that it needs) ran before, on both engines. What is
//! compared and counted: [`compare`]. The results go to `--out`: `summary.txt`, and `SCRIPT.diff` for each.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its terminal"
)]

mod answer;
mod compare;
mod copy;
mod expected;
mod found;
mod report;
mod script;
mod server;
mod variables;

use answer::Answer;
use compare::{Compared, History, Verdict, compare};
use expected::{Exchange, Place, USER};
use postgres::{DATABASE, PrivateCluster, SUPERUSER};
use report::{Figures, HEAD};
use server::Server;
use std::fmt::Write as _;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// What a task ends with; the error is for the reader.
type Result<T = ()> = std::result::Result<T, String>;

/// The scripts that count: what issue and documentation name.
const COUNTED: &[&str] = &[
    "boolean",
    "char",
    "name",
    "varchar",
    "text",
    "int2",
    "int4",
    "int8",
    "oid",
    "float4",
    "float8",
    "numeric",
    "numerology",
    "uuid",
    "enum",
    "strings",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "horology",
    "json",
    "json_encoding",
    "jsonb",
    "arrays",
    "select",
    "select_distinct",
    "select_distinct_on",
    "select_having",
    "select_implicit",
    "select_into",
    "select_views",
    "join",
    "subselect",
    "union",
    "case",
    "with",
    "window",
    "aggregates",
    "insert",
    "insert_conflict",
    "update",
    "delete",
    "returning",
    "create_table",
    "alter_table",
    "create_view",
    "updatable_views",
    "constraints",
    "foreign_key",
    "sequence",
    "identity",
    "generated",
];

/// Others that tell something.
const OTHERS: &[&str] = &[
    "regex",
    "groupingsets",
    "limit",
    "random",
    "domain",
    "truncate",
    "triggers",
    "rowsecurity",
    "privileges",
    "create_index",
    "rangefuncs",
    "create_function_sql",
    "merge",
    "prepare",
    "transactions",
    "guc",
    "temp",
    "copy",
    "copy2",
    "plpgsql",
    "misc_functions",
    "expressions",
];

/// What a script needs to have run before, beside `test_setup`.
const NEEDS: &[(&str, &[&str])] = &[
    ("aggregates", &["create_aggregate"]),
    ("alter_table", &["create_index"]),
    ("horology", &["date", "time", "timetz", "timestamp", "timestamptz", "interval"]),
    ("join", &["create_misc"]),
    ("select_views", &["create_view"]),
    ("with", &["create_misc"]),
];

fn needs(name: &str) -> &'static [&'static str] {
    NEEDS.iter().find(|(script, _)| *script == name).map_or(&[], |(_, needs)| needs)
}

/// How long a script may take here.
const SCRIPT_LIMIT: Duration = Duration::from_secs(900);

/// The name of the prepared database.
const BASE: &str = "prepared";

/// Turns the order in which the rows of the prepared tables lie round: an answer that hangs on it is none that PostgreSQL's rules
/// determine.
const REVERSE: &str = "\
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('CREATE TEMP TABLE reversed AS SELECT * FROM ONLY %s ORDER BY ctid DESC', name);
        EXECUTE format('DELETE FROM ONLY %s', name);
        EXECUTE format('INSERT INTO %s SELECT * FROM reversed', name);
        DROP TABLE reversed;
    END LOOP;
END
$$";

struct Arguments {
    source: PathBuf,
    out: PathBuf,
    scripts: Vec<String>,
    /// For the process of one script: the server's socket.
    socket: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match arguments() {
        Ok(arguments) => match &arguments.socket {
            Some(socket) => one(&arguments, socket).await,
            None => all(&arguments).await,
        },
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("regress: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments> {
    let mut checkout = None;
    let mut out = PathBuf::from("target/regress");
    let mut socket = None;
    let mut scripts = Vec::new();
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or(format!("{argument} wants a value"));
        match argument.as_str() {
            "--checkout" => checkout = Some(PathBuf::from(value()?)),
            "--out" => out = PathBuf::from(value()?),
            "--socket" => socket = Some(PathBuf::from(value()?)),
            name if name.starts_with('-') => return Err(format!("there is no option {name}")),
            name => scripts.push(name.to_owned()),
        }
    }
    let checkout = checkout.ok_or("--checkout DIR: where PostgreSQL's source is")?;
    let source = checkout.join("src/test/regress").canonicalize();
    let source = source.map_err(|error| format!("{}: {error}", checkout.display()))?;
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let out = out.canonicalize().map_err(|error| error.to_string())?;
    Ok(Arguments { source, out, scripts, socket })
}

/// Runs every script in a process of its own, and writes down what came of it.
async fn all(arguments: &Arguments) -> Result {
    let names: Vec<String> = if arguments.scripts.is_empty() {
        COUNTED.iter().chain(OTHERS).map(|name| (*name).to_owned()).collect()
    } else {
        arguments.scripts.clone()
    };
    let work = arguments.out.join("work");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).map_err(|error| error.to_string())?;
    let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.map_err(|error| error.to_string())?;
    let socket = cluster.socket_folder().to_owned();
    administer(&socket, DATABASE, &format!("ALTER ROLE {USER} SUPERUSER"))?;
    administer(&socket, DATABASE, &format!("CREATE DATABASE {BASE} TEMPLATE template0 OWNER {USER}"))?;
    process(arguments, &socket, "test_setup")?;
    let mut scripts = Vec::new();
    let mut prepared = History::default();
    let setup = results(&work, "test_setup", &mut prepared)?;
    write(&arguments.out, "test_setup", &setup)?;
    for name in &names {
        let start = Instant::now();
        for copy in ["one", "two"] {
            let database = format!("{copy}_{name}");
            administer(&socket, DATABASE, &format!("CREATE DATABASE {database} TEMPLATE {BASE}"))?;
        }
        administer(&socket, &format!("two_{name}"), REVERSE)?;
        if let Err(error) = process(arguments, &socket, name) {
            eprintln!("{name}: {error}");
        }
        for copy in ["one", "two"] {
            administer(&socket, DATABASE, &format!("DROP DATABASE {copy}_{name} WITH (FORCE)"))?;
        }
        let mut history = prepared.clone();
        for need in needs(name) {
            // What failed in it explains what fails here.
            let _ = results(&work, &format!("{name}.{need}"), &mut history);
        }
        match results(&work, name, &mut history) {
            Ok(compared) => {
                write(&arguments.out, name, &compared)?;
                println!("{} {:.0} s", Figures::of(&compared).row(name), start.elapsed().as_secs_f64());
                scripts.push((name.clone(), compared));
            }
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
    let summary = summary(&scripts);
    let _ = fs::remove_dir_all(&work);
    fs::write(arguments.out.join("summary.txt"), &summary).map_err(|error| error.to_string())?;
    cluster.stop().await.map_err(|error| error.to_string())
}

/// Says something to the server as who may do everything.
fn administer(socket: &Path, database: &str, text: &str) -> Result {
    let mut server = Server::connect(socket, SUPERUSER, database, "").map_err(|error| error.to_string())?;
    let answers = server.ask(text, &mut Vec::new).map_err(|error| error.to_string())?;
    match answers.into_iter().find_map(|answer| answer.error) {
        Some(error) => Err(format!("{text}: {}", error.message)),
        None => Ok(()),
    }
}

/// Runs one script's process.
fn process(arguments: &Arguments, socket: &Path, name: &str) -> Result {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    // The source folder is that of src/test/regress: three up is the tree.
    let checkout = arguments.source.ancestors().nth(3).unwrap_or(&arguments.source);
    let mut child = Command::new(program)
        .arg("--checkout")
        .arg(checkout)
        .arg("--out")
        .arg(&arguments.out)
        .arg("--socket")
        .arg(socket)
        .arg(name)
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("ended with {status}")),
            None if start.elapsed() > SCRIPT_LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("took longer than {SCRIPT_LIMIT:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// The process of one script: both engines, one after the other.
async fn one(arguments: &Arguments, socket: &Path) -> Result {
    let [name] = arguments.scripts.as_slice() else { return Err("--socket: one script".to_owned()) };
    let work = arguments.out.join("work");
    let setup = name == "test_setup";
    let place = |database: String| Place {
        source: arguments.source.clone(),
        results: work.clone(),
        socket: socket.to_owned(),
        database,
    };
    let script = |name: &str| {
        let path = arguments.source.join("sql").join(format!("{name}.sql"));
        fs::read(&path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let data = work.join(if setup { BASE } else { name });
    if !setup {
        copy_folder(&work.join(BASE), &data)?;
    }
    fs::create_dir_all(&data).map_err(|error| error.to_string())?;
    let file = data.join("data.db");
    for need in needs(name) {
        let text = script(need)?;
        let exchanges =
            expected::run(&text, &place(format!("one_{name}"))).map_err(|error| error.to_string())?;
        expected::run(&text, &place(format!("two_{name}"))).map_err(|error| error.to_string())?;
        let stem = format!("{name}.{need}");
        record(&work, &stem, &file, &[exchanges]).await?;
    }
    let text = script(name)?;
    let runs: Vec<String> = if setup {
        vec![BASE.to_owned()]
    } else {
        ["one", "two"].map(|copy| format!("{copy}_{name}")).into()
    };
    let mut exchanges = Vec::new();
    for database in runs {
        let run = expected::run(&text, &place(database)).map_err(|error| format!("PostgreSQL: {error}"))?;
        exchanges.push(run);
    }
    record(&work, name, &file, &exchanges).await?;
    if !setup {
        let _ = fs::remove_dir_all(&data);
    }
    Ok(())
}

/// Keeps what PostgreSQL answered, and then what the embedded engine does to the same.
async fn record(work: &Path, stem: &str, file: &Path, exchanges: &[Vec<Exchange>]) -> Result {
    let expected = serde_json::to_string(exchanges).map_err(|error| error.to_string())?;
    fs::write(work.join(format!("{stem}.expected")), expected).map_err(|error| error.to_string())?;
    let out = fs::File::create(work.join(format!("{stem}.found"))).map_err(|error| error.to_string())?;
    let first = exchanges.first().map_or(&[][..], Vec::as_slice);
    found::run(file, first, &mut BufWriter::new(out)).await
}

fn copy_folder(from: &Path, to: &Path) -> Result {
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok(())
    };
    copy().map_err(|error| format!("{}: {error}", from.display()))
}

fn write(out: &Path, name: &str, compared: &[Compared]) -> Result {
    let path = out.join(format!("{name}.diff"));
    fs::write(&path, report::differences(name, compared))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// What a script's process wrote, compared.
fn results(work: &Path, name: &str, history: &mut History) -> Result<Vec<Compared>> {
    let read = |end: &str| {
        let path = work.join(format!("{name}.{end}"));
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let exchanges: Vec<Vec<Exchange>> =
        serde_json::from_str(&read("expected")?).map_err(|error| error.to_string())?;
    let found = read("found")?;
    // The last line of a process that was killed may be half a line.
    let found: Vec<Vec<Answer>> = found.lines().map_while(|line| serde_json::from_str(line).ok()).collect();
    match exchanges.as_slice() {
        [first] => Ok(compare(first, first, &found, history)),
        [first, second] => Ok(compare(first, second, &found, history)),
        _ => Err("PostgreSQL's answers are missing".to_owned()),
    }
}

/// The table, and the most frequent causes.
fn summary(scripts: &[(String, Vec<Compared>)]) -> String {
    let mut out = format!("{HEAD}\n");
    let mut total = Figures::default();
    for (name, compared) in scripts {
        let figures = Figures::of(compared);
        let _ = writeln!(out, "{}", figures.row(name));
        if COUNTED.contains(&name.as_str()) {
            total.add(figures);
        }
    }
    let _ = writeln!(out, "{}", total.row("**all that count**"));
    let lists = [
        ("Different", vec![Verdict::Different]),
        ("Different, perhaps since something before failed", vec![Verdict::DifferentAfterFailure]),
        ("Refused", vec![Verdict::Refused]),
        ("Missing after a refusal", vec![Verdict::Follows]),
    ];
    for (title, verdicts) in lists {
        let _ = write!(out, "\n{title}, by cause:\n{}", report::causes(scripts, &verdicts, 120));
    }
    out
}
