//! `cargo xtask suite NAME --checkout DIR`: the test suites of the official clients against Bedplate, on both engines.
//!
//! A checkout of the client's repository with its packages installed is given by whoever runs this; nothing of it is kept here
//! but the names of tests that touch features which are not built yet (`tests/clients/excluded/`). docs/client-suites.md has
//! the commands.

mod results;
mod root_path;
mod servers;

use crate::run::{Result, cargo, root, run, target};
use results::{Excluded, Results};
use servers::{Place, Server, Serving};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a suite runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// The embedded engine.
    Sqlite,
    /// A private PostgreSQL.
    Postgres,
    /// No server at all: what fails is what needs one.
    None,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::None => "none",
        }
    }
}

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Asked {
    /// Which suite: auth-js, auth-js-docker, postgrest-js, postgrest-py, supabase-js or supabase-py.
    name: String,
    /// A checkout of the client's repository (supabase/supabase-js or supabase/supabase-py), with its packages installed.
    #[arg(long)]
    checkout: PathBuf,
    /// Only this engine; without it both in turn.
    #[arg(long)]
    engine: Option<Engine>,
    /// The Python that has the suite's packages.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Only tests whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

/// A suite: where it is in the checkout, the servers that it asks, and its runner.
struct Suite {
    /// The package, relative to the checkout.
    package: &'static str,
    servers: Vec<Server>,
    /// A command to run before the servers start.
    prepare: Option<Command>,
    /// The runner, in the package's folder; it writes or prints what `read` reads.
    runner: Command,
    read: fn(printed: &str, report: &Path) -> Result<Results>,
}

/// Runs one and fails when a test fails that is not excluded by its feature.
pub(crate) fn suite(asked: &Asked) -> Result {
    let checkout = asked
        .checkout
        .canonicalize()
        .map_err(|error| format!("no checkout at {}: {error}", asked.checkout.display()))?;
    run(cargo().args(["build", "--locked", "--package", "server", "--bin", "bedplate"]))?;
    let folder = target().join("suites").join(&asked.name);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let excluded = root().join("tests/clients/excluded").join(format!("{}.txt", asked.name));
    let engines = asked.engine.map_or(vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine]);
    let mut failed = Vec::new();
    for engine in engines {
        let report = folder.join(format!("{}.json", engine.name()));
        let suite = find(asked, &checkout, &folder, &report, engine)?;
        let excluded = Excluded::read(&excluded, engine.name())?;
        let results = play(suite, &checkout, engine, &report, &folder)?;
        if engine == Engine::None {
            results.list_failures();
        } else if !results.judge(&asked.name, engine.name(), &excluded) {
            failed.push(engine.name());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("{} fails on {}", asked.name, failed.join(" and "))) }
}

/// Starts the servers, runs the suite, and reads what it said.
fn play(suite: Suite, checkout: &Path, engine: Engine, report: &Path, folder: &Path) -> Result<Results> {
    let package = checkout.join(suite.package);
    // Before anything is changed in the checkout, which another run may be using.
    suite.servers.iter().try_for_each(Server::check_port)?;
    if let Some(mut prepare) = suite.prepare {
        run(prepare.current_dir(&package))?;
    }
    let mut serving: Vec<Serving> = Vec::new();
    for server in suite.servers.iter().filter(|_| engine != Engine::None) {
        // The suites' own stacks have one database behind all servers. Here the first of several has it, where the engine
        // lets others in.
        let shared = serving.first().filter(|_| engine == Engine::Postgres);
        let place = match (shared, suite.servers.len()) {
            (Some(first), _) => Place::Beside(first.socket_folder()?),
            (None, 2..) if engine == Engine::Postgres => Place::First,
            (None, _) => Place::Alone,
        };
        serving.push(server.start(engine.name(), folder, &place)?);
    }
    let _ = fs::remove_file(report);
    let mut runner = suite.runner;
    let ran = runner
        .current_dir(&package)
        .output()
        .map_err(|error| format!("{}: {error}", runner.get_program().to_string_lossy()))?;
    // The last first: the others live on the first one's database.
    while serving.pop().is_some() {}
    let printed = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let log = folder.join(format!("{}.log", engine.name()));
    fs::write(&log, &printed).map_err(|error| error.to_string())?;
    (suite.read)(&printed, report).map_err(|error| format!("{error}; the runner's log is {}", log.display()))
}

fn find(asked: &Asked, checkout: &Path, folder: &Path, report: &Path, engine: Engine) -> Result<Suite> {
    let jest = |package: &'static str, arguments: &[&str]| {
        let mut command = Command::new(checkout.join(package).join("node_modules/.bin/jest"));
        command.args(["--runInBand", "--ci", "--forceExit", "--coverage=false", "--json"]);
        command.arg(format!("--outputFile={}", report.display())).args(arguments);
        if let Some(only) = &asked.only {
            command.args(["-t", only]);
        }
        command
    };
    let pytest = || {
        let mut runner = Command::new(&asked.python);
        let options =
            ["-m", "pytest", "-rA", "--tb=short", "-p", "no:cacheprovider", "-o", "addopts=", "tests"];
        runner.args(options);
        if let Some(only) = &asked.only {
            runner.args(["-k", only]);
        }
        runner
    };
    match asked.name.as_str() {
        "postgrest-js" => {
            let package = "packages/core/postgrest-js";
            let supabase = checkout.join(package).join("test/supabase");
            let project = folder.join("project");
            let config =
                fs::read_to_string(supabase.join("config.toml")).map_err(|error| error.to_string())?;
            let schema = supabase.join("migrations/00000000000000_schema.sql");
            let seed = supabase.join("seed.sql");
            let scripts = [("migrations/00000000000000_schema.sql", &*schema), ("seed.sql", &*seed)];
            servers::write_project(&project, &config, &scripts, changes(engine, POSTGREST_JS))?;
            let arguments = ["--testPathIgnorePatterns", "test/v12/"];
            Ok(Suite {
                package,
                // The suite's tables have no grants but the default ones.
                servers: vec![Server::of_project(project, 54321).with("BEDPLATE_API_OPEN_TABLES", "*")],
                prepare: None,
                runner: jest(package, &arguments),
                read: Results::of_jest,
            })
        }
        "postgrest-py" => {
            let package = "src/postgrest";
            let project = folder.join("project");
            let schema = checkout.join(package).join("infra/init.sql");
            let scripts = [("migrations/00000000000000_schema.sql", &*schema)];
            servers::write_project(&project, POSTGREST_PY_SETTINGS, &scripts, changes(engine, POSTGREST_PY))?;
            let server =
                Server::of_project(project, 3000).at_root("/rest/v1").with("BEDPLATE_API_OPEN_TABLES", "*");
            Ok(Suite {
                package,
                servers: vec![server],
                prepare: None,
                runner: pytest(),
                read: Results::of_pytest,
            })
        }
        "auth-js" => {
            let mut keys = Command::new("node");
            keys.arg("test/generate-signing-keys.js");
            let package = "packages/core/auth-js";
            Ok(Suite {
                package,
                servers: vec![Server::of_project(checkout.join(package).join("test"), 54321)],
                prepare: Some(keys),
                runner: jest(package, &["--config", "jest.config.cli.js"]),
                read: Results::of_jest,
            })
        }
        "auth-js-docker" => {
            let package = "packages/core/auth-js";
            Ok(Suite {
                package,
                servers: servers::four(
                    &checkout.join(package).join("infra/docker-compose.yml"),
                    folder,
                    false,
                )?,
                prepare: None,
                runner: jest(package, &["--config", "jest.config.docker.js"]),
                read: Results::of_jest,
            })
        }
        "supabase-js" => {
            let package = "packages/core/supabase-js";
            // Its migrations, but for the policies on Realtime's tables.
            let project = folder.join("project");
            servers::copy_project(&checkout.join(package), &project, |name| !name.contains("realtime"))?;
            Ok(Suite {
                package,
                servers: vec![Server::of_project(project, 54321)],
                prepare: None,
                runner: jest(package, &["test/integration.test.ts"]),
                read: Results::of_jest,
            })
        }
        "supabase-py" => {
            let package = "src/auth";
            Ok(Suite {
                package,
                servers: servers::four(
                    &checkout.join(package).join("infra/docker-compose.yml"),
                    folder,
                    true,
                )?,
                prepare: None,
                runner: pytest(),
                read: Results::of_pytest,
            })
        }
        other => Err(format!(
            "no suite named {other:?}; there are: auth-js, auth-js-docker, postgrest-js, postgrest-py, supabase-js, supabase-py"
        )),
    }
}

fn changes(engine: Engine, embedded: &'static servers::Changes) -> &'static servers::Changes {
    match engine {
        Engine::Sqlite => embedded,
        Engine::Postgres | Engine::None => &[],
    }
}

/// What postgrest-py's own stack sets, but for its anonymous role: that is the operator's there.
const POSTGREST_PY_SETTINGS: &str = r#"project_id = "postgrest-py"
[api]
schemas = ["public", "personal"]
extra_search_path = ["extensions"]
plan_enabled = true
tx_end = "commit-allow-override"
"#;

/// Ranges are texts, there is no PostGIS, and a partitioned table is one table.
const POSTGREST_JS: &servers::Changes = &[
    ("int4range", "text"),
    ("create extension if not exists postgis schema extensions;", ""),
    ("extensions.geometry(POINT, 4326)", "text"),
    (") partition by range (created_at);", ");"),
    (
        "CREATE TABLE public.events_2024 PARTITION OF public.events\nFOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        "",
    ),
    (
        "CREATE TABLE public.events_2025 PARTITION OF public.events\nFOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
        "",
    ),
];

/// Ranges are texts.
const POSTGREST_PY: &servers::Changes = &[("tsrange", "text")];
