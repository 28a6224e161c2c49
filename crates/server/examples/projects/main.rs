//! Public projects on both engines: `cargo xtask projects --folder DIR` (docs/measured/projects.md).
//!
//! Each folder in DIR is a project in the Supabase CLI's layout. Its migrations and seed run statement by statement on the
//! embedded engine and on PostgreSQL. Of projects that apply whole on both, what the catalogs tell is compared, and the
//! answers to random reads and writes of three users.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its terminal"
)]

mod catalogs;
mod random;
mod report;

use database::{Database, DatabaseError};
use server::check::{Finding, Verdict, check_on};
use server::configuration::Sources;
use server::project::Project;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testkit::TestPostgres;

/// What became of a project.
pub(crate) struct Examined {
    pub(crate) name: String,
    pub(crate) embedded: Vec<Finding>,
    pub(crate) postgres: Vec<Finding>,
    /// Compared when it applied whole on both engines.
    pub(crate) catalogs: Option<catalogs::Compared>,
    pub(crate) random: Option<random::Compared>,
}

impl Examined {
    /// Whether every statement was accepted by both engines.
    pub(crate) fn is_whole(&self) -> bool {
        let accepted = |finding: &Finding| !matches!(finding.verdict, Verdict::Refused(_));
        self.embedded.iter().all(accepted) && self.postgres.iter().all(accepted)
    }
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("projects: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1);
    let usage = "usage: projects FOLDER OUT [SEED [ONLY]]";
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let out = PathBuf::from(arguments.next().ok_or(usage)?);
    let seed = match arguments.next() {
        Some(seed) => seed.to_string_lossy().parse()?,
        None => 1,
    };
    let only = arguments.next().map(|only| only.to_string_lossy().into_owned());
    let mut projects: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    projects.sort();
    let cluster = TestPostgres::start().await?;
    std::fs::create_dir_all(&out)?;
    let mut examined = Vec::new();
    for path in projects {
        let name = path.file_name().map(|name| name.to_string_lossy().replacen('+', "/", 1));
        let name = name.unwrap_or_default();
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let one = examine(&cluster, &path, name, seed).await?;
        println!("{}", report::line(&one));
        std::fs::write(out.join(format!("{}.txt", one.name.replace('/', "+"))), report::details(&one))?;
        examined.push(one);
    }
    std::fs::write(out.join("projects.md"), report::page(&examined, seed))?;
    println!("{}", report::summary(&examined));
    Ok(())
}

async fn examine(cluster: &TestPostgres, path: &Path, name: String, seed: u64) -> Result<Examined, Failure> {
    let project = Project::find(path);
    let embedded = testkit::embedded().await?;
    let postgres = cluster.database().await?;
    let mut examined = Examined {
        name,
        embedded: findings(&*embedded, &project).await?,
        postgres: findings(&*postgres, &project).await?,
        catalogs: None,
        random: None,
    };
    if examined.is_whole() {
        examined.catalogs = Some(catalogs::compare(&*embedded, &*postgres).await);
        examined.random = Some(random::compare(&*embedded, &*postgres, seed).await);
    }
    let closed: [Result<(), DatabaseError>; 2] = [embedded.close().await, postgres.close().await];
    closed.into_iter().collect::<Result<(), _>>()?;
    Ok(examined)
}

async fn findings(database: &dyn Database, project: &Project) -> Result<Vec<Finding>, Failure> {
    let sources =
        Sources { file: project.configuration_file(), flags: Vec::new(), environment: BTreeMap::new() };
    // A configuration that does not read is not what is asked about.
    let settings = match sources.read() {
        Ok(configuration) => configuration.settings,
        Err(_) => Sources { file: None, flags: Vec::new(), environment: BTreeMap::new() }.read()?.settings,
    };
    let mut found = Vec::new();
    check_on(database, project, &settings, |finding| found.push(finding.clone())).await?;
    Ok(found)
}
