//! One file for each command.

mod check;
mod init;
mod jobs;
mod keys;
mod migrate;
mod serve;
mod sql;
mod types;
mod users;
mod version;

pub use version::IMITATED;

use crate::cli::{Command, CommandLine, Place};
use crate::configuration::{Configuration, Sources};
use crate::project::Project;
use crate::serve::Failure;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Runs the command line, and says how the process should end.
pub fn run(line: CommandLine, begun: Instant) -> ExitCode {
    let runtime = match runtime(&line.command) {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let result = runtime.block_on(dispatch(line.command, begun));
    // A database's threads may still wait for something that is of no interest any more.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(failure) => match failure.downcast_ref::<io::Error>() {
            // Whoever read our output had enough.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            _ => fail(&*failure),
        },
    }
}

fn runtime(command: &Command) -> io::Result<tokio::runtime::Runtime> {
    match command {
        Command::Serve(_) => tokio::runtime::Builder::new_multi_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_current_thread().enable_all().build(),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    // Without a standard error there is nobody to tell; the exit code remains.
    let _ = writeln!(io::stderr(), "{}: {error}", crate::cli::NAME);
    ExitCode::FAILURE
}

async fn dispatch(command: Command, begun: Instant) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(arguments) => serve::serve(arguments, begun).await,
        Command::Init { dir } => init::init(&dir),
        Command::Migrate { action, place } => migrate::migrate(action, &place).await,
        Command::Sql(arguments) => sql::sql(arguments).await,
        Command::Keys { action: Some(action), .. } => keys::signing(action).await,
        Command::Keys { action: None, place, dev, json } => keys::keys(&place, dev, json).await,
        Command::Token(arguments) => keys::token(arguments).await,
        Command::Jobs { action, json, place } => jobs::jobs(action, json, place).await,
        Command::Types { language, schemas, place } => types::types(language, schemas, &place).await,
        Command::Users { action } => users::users(action).await,
        Command::Check { dir, json } => check::check(&dir, json).await,
        Command::Version { json } => version::version(json),
    }
}

/// Flags as settings: those that were given.
fn flags(given: [(&'static str, Option<String>); 8]) -> Vec<(&'static str, String)> {
    given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// The project and configuration of a command that has a place.
fn at(place: &Place) -> Result<(Project, Configuration, PathBuf), Failure> {
    let project = Project::find(place.project.as_deref().unwrap_or(Path::new(".")));
    refuse_password(place.database.as_deref())?;
    let flags = [
        ("bedplate.engine", place.engine.clone()),
        ("bedplate.database", place.database.clone()),
        ("bedplate.data", place.data.as_ref().map(|path| path.display().to_string())),
    ];
    let configuration =
        read(&project, flags.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())?;
    let folder = crate::serve::data_folder(&project, &configuration.settings);
    Ok((project, configuration, folder))
}

/// The project's configuration under flags.
fn read(project: &Project, flags: Vec<(&'static str, String)>) -> Result<Configuration, Failure> {
    let sources = Sources { file: project.configuration_file(), flags, ..Sources::from_environment() };
    Ok(sources.read()?)
}

/// Rule 13: the command line of a process is no secret.
fn refuse_password(url: Option<&str>) -> Result<(), Failure> {
    let authority =
        url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    let in_authority = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':'));
    let in_query =
        url.and_then(|url| url.split_once('?')).is_some_and(|(_, query)| query.contains("password="));
    if in_authority || in_query {
        return Err("--database: the command line of a process can be read by every user of the machine, so no password \
                    belongs there; set BEDPLATE_DATABASE to the URL instead"
            .into());
    }
    Ok(())
}

/// Writes text to standard output.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes text to standard error.
fn complain(text: &str) -> io::Result<()> {
    io::stderr().lock().write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_flag() {
        for url in ["postgres://u:secret@h/d", "postgresql://u:@h", "postgres://h/d?user=u&password=x"] {
            assert!(refuse_password(Some(url)).is_err(), "{url}");
        }
        for url in ["postgres://u@h:5432/d", "postgres:///d?host=/run", "postgres://[::1]:5432/d"] {
            assert!(refuse_password(Some(url)).is_ok(), "{url}");
        }
        assert!(refuse_password(None).is_ok());
    }
}
