//! A script on PostgreSQL: what psql would have sent, and what the server answered.

use crate::answer::Answer;
use crate::script::{Command, Piece, Script};
use crate::server::Server;
use crate::variables::Variables;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

/// What was sent at once, and the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// The line of the script.
    pub(crate) line: u32,
    /// One statement, or several.
    pub(crate) text: String,
    /// Instead of a statement: a new connection.
    pub(crate) reconnect: Option<String>,
    /// The lines that a COPY FROM STDIN read.
    pub(crate) rows: Vec<String>,
    /// An answer for each statement, up to the first error.
    pub(crate) answers: Vec<Answer>,
    /// The transaction before: `I` none, `T` open, `E` failed.
    pub(crate) before: char,
    /// And after.
    pub(crate) after: char,
}

/// Where a script finds what.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `src/test/regress` of PostgreSQL's source.
    pub(crate) source: PathBuf,
    /// For files that scripts write.
    pub(crate) results: PathBuf,
    /// The server's socket.
    pub(crate) socket: PathBuf,
    /// The database.
    pub(crate) database: String,
}

/// Who runs the scripts, on both engines.
pub(crate) const USER: &str = "postgres";

/// What every session begins with, on both engines: pg_regress's time zone, and a limit for each statement.
pub(crate) const SETTINGS: &[(&str, &str)] = &[("timezone", "PST8PDT"), ("statement_timeout", "30s")];

/// Opens a session.
pub(crate) fn connect(place: &Place, user: &str) -> io::Result<Server> {
    let options: Vec<String> = SETTINGS.iter().map(|(name, value)| format!("-c {name}={value}")).collect();
    Server::connect(&place.socket, user, &place.database, &options.join(" "))
}

/// Runs a script.
pub(crate) fn run(text: &str, place: &Place) -> io::Result<Vec<Exchange>> {
    let mut reader = Reader {
        place,
        server: connect(place, USER)?,
        user: USER.to_owned(),
        script: Script::new(text),
        variables: Variables::default(),
        conditions: Vec::new(),
        exchanges: Vec::new(),
    };
    reader.variables.set("VERSION", "15");
    reader.variables.set("SERVER_VERSION_NUM", "150018");
    reader.variables.set("DBNAME", &place.database);
    reader.variables.set("USER", USER);
    while let Some(piece) = reader.script.next(&reader.variables) {
        let goes_on = match piece {
            Piece::Send { .. } if !reader.active() => true,
            Piece::Send { text, line, then } => reader.send(text, line, then.as_ref())?,
            Piece::Command(command) => reader.command(&command)?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(reader.exchanges)
}

struct Reader<'a> {
    place: &'a Place,
    server: Server,
    user: String,
    script: Script<'a>,
    variables: Variables,
    conditions: Vec<Condition>,
    exchanges: Vec<Exchange>,
}

/// An open \if.
struct Condition {
    /// Whether what stands here runs.
    active: bool,
    /// Whether a branch ran, or none may since it stands in one that does not.
    taken: bool,
}

impl Reader<'_> {
    fn active(&self) -> bool {
        self.conditions.iter().all(|condition| condition.active)
    }

    /// Sends statements. False when the rest of the script cannot be run.
    fn send(&mut self, text: String, line: u32, then: Option<&Command>) -> io::Result<bool> {
        if then.is_some_and(|command| command.name == "gdesc") {
            return Ok(true);
        }
        let answers = self.exchange(text, line, None)?;
        match then {
            Some(command) if command.name == "gset" => self.keep(&answers, command),
            Some(command) if command.name == "gexec" => {
                let cells = answers.into_iter().flat_map(|answer| answer.rows).flatten().flatten();
                for cell in cells.collect::<Vec<_>>() {
                    self.exchange(cell, line, None)?;
                }
            }
            _ => {}
        }
        Ok(true)
    }

    /// \gset
    fn keep(&mut self, answers: &[Answer], command: &Command) {
        let prefix = command.arguments.first().map_or("", String::as_str);
        let Some(answer) = answers.last() else { return };
        let (Some(columns), [row]) = (&answer.columns, answer.rows.as_slice()) else { return };
        for (column, value) in columns.iter().zip(row) {
            match value {
                Some(value) => self.variables.set(format!("{prefix}{column}"), value),
                None => self.variables.unset(&format!("{prefix}{column}")),
            }
        }
    }

    fn exchange(&mut self, text: String, line: u32, given: Option<Vec<String>>) -> io::Result<Vec<Answer>> {
        let before = char::from(self.server.status);
        let mut rows = Vec::new();
        let mut given = given.map_or_else(VecDeque::new, |lines| VecDeque::from([lines]));
        let script = &mut self.script;
        let mut read = || {
            let lines = given.pop_front().unwrap_or_else(|| script.rows());
            rows.extend(lines.iter().cloned());
            lines
        };
        let answers = self.server.ask(&text, &mut read)?;
        let after = char::from(self.server.status);
        let error = answers.last().and_then(|answer| answer.error.as_ref());
        self.variables.set("ERROR", if error.is_some() { "true" } else { "false" });
        self.variables.set("SQLSTATE", error.map_or("00000", |error| &error.code));
        if let Some(error) = error {
            self.variables.set("LAST_ERROR_SQLSTATE", &error.code);
            self.variables.set("LAST_ERROR_MESSAGE", &error.message);
        }
        let count = answers.last().map_or(0, |answer| answer.rows.len());
        self.variables.set("ROW_COUNT", count.to_string());
        self.exchanges.push(Exchange {
            line,
            text,
            reconnect: None,
            rows,
            answers: answers.clone(),
            before,
            after,
        });
        Ok(answers)
    }

    /// Runs a command of psql's; those that only show something are passed over.
    fn command(&mut self, command: &Command) -> io::Result<bool> {
        let argument = |at: usize| command.arguments.get(at).map_or("", String::as_str);
        match command.name.as_str() {
            "if" => {
                let active = self.active();
                let holds = active && truth(argument(0));
                self.conditions.push(Condition { active: holds, taken: holds || !active });
            }
            "elif" => {
                if let Some(condition) = self.conditions.last_mut() {
                    condition.active = !condition.taken && truth(argument(0));
                    condition.taken |= condition.active;
                }
            }
            "else" => {
                if let Some(condition) = self.conditions.last_mut() {
                    condition.active = !condition.taken;
                    condition.taken = true;
                }
            }
            "endif" => drop(self.conditions.pop()),
            _ if !self.active() => {}
            "set" if !command.arguments.is_empty() => {
                self.variables.set(argument(0), command.arguments[1..].concat());
            }
            "unset" => self.variables.unset(argument(0)),
            "getenv" => {
                if let Some(value) = self.environment(argument(1)) {
                    self.variables.set(argument(0), value);
                }
            }
            "c" | "connect" => return self.reconnect(command),
            "copy" => self.copy(command)?,
            "q" | "quit" => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    /// What pg_regress gives psql.
    fn environment(&self, name: &str) -> Option<String> {
        Some(match name {
            "PG_ABS_SRCDIR" => self.place.source.display().to_string(),
            "PG_ABS_BUILDDIR" => self.place.results.display().to_string(),
            // A folder without C functions: what needs one fails, and is not counted.
            "PG_LIBDIR" => "/nonexistent".to_owned(),
            "PG_DLSUFFIX" => ".so".to_owned(),
            _ => return None,
        })
    }

    fn reconnect(&mut self, command: &Command) -> io::Result<bool> {
        let argument = |at: usize| {
            command.arguments.get(at).map(|word| word.trim_matches('"')).filter(|word| *word != "-")
        };
        if argument(0).is_some_and(|database| database != self.place.database) {
            return Ok(false);
        }
        if let Some(user) = argument(1) {
            user.clone_into(&mut self.user);
        }
        self.server = connect(self.place, &self.user)?;
        self.exchanges.push(Exchange {
            line: command.line,
            reconnect: Some(self.user.clone()),
            before: 'I',
            after: 'I',
            ..Exchange::default()
        });
        Ok(true)
    }

    /// \copy: a COPY whose file is psql's to read.
    fn copy(&mut self, command: &Command) -> io::Result<()> {
        let text = &command.rest;
        let lower = text.to_ascii_lowercase();
        let found = [" from ", " to "].iter().filter_map(|word| Some((lower.rfind(word)?, *word))).max();
        let Some((at, word)) = found else { return Ok(()) };
        let target = text[at + word.len()..].trim_start();
        let length = match target.chars().next() {
            Some('\'') => crate::script::quoted(target, '\'', true),
            Some(':') => self.variables.reference(target).map_or(target.len(), |(length, _)| length),
            _ => target.find(char::is_whitespace).unwrap_or(target.len()),
        };
        let name = match self.variables.reference(target) {
            Some((_, value)) => value,
            None => target[..length].to_owned(),
        };
        let name = name.trim_matches('\'').to_owned();
        let (head, rest) = (&text[..at], &target[length..]);
        let standard = if word == " from " { "STDIN" } else { "STDOUT" };
        let statement = format!("COPY {head}{word}{standard}{rest}");
        let is_standard =
            ["stdin", "pstdin", "stdout", "pstdout"].contains(&name.to_ascii_lowercase().as_str());
        let given = if is_standard || word == " to " {
            None
        } else {
            let content = std::fs::read_to_string(&name).unwrap_or_default();
            Some(content.lines().take_while(|line| *line != "\\.").map(str::to_owned).collect())
        };
        self.exchange(statement.trim().trim_end_matches(';').to_owned(), command.line, given)?;
        Ok(())
    }
}

/// A condition of \if.
fn truth(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "t" | "true" | "on" | "1" | "y" | "yes")
}
