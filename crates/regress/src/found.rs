//! The same statements on the embedded engine.
//!
//! What PostgreSQL's transaction did decides which statements run: one that fails here alone is undone by a savepoint, so that those
//! behind it can be compared, too; one behind which PostgreSQL's transaction is aborted does not run.

use crate::answer::{Answer, Failure};
use crate::copy;
use crate::expected::{Exchange, SETTINGS, USER};
use database::{Database as _, DatabaseError, Outcome, Session, SystemPrivilege};
use embedded::{Conversation, EmbeddedDatabase, Options, TransactionStatus};
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use syntax::ast::{Statement, TransactionStatement};

/// After this the engine has missed its own limit by far.
const HANGS: Duration = Duration::from_secs(100);
/// What a statement within a transaction is undone by.
const SAVEPOINT: &str = "regress_statement";

/// Runs what was sent to PostgreSQL; each exchange's answers go out as a line of JSON as soon as they are there.
pub(crate) async fn run(file: &Path, exchanges: &[Exchange], out: &mut dyn Write) -> Result<(), String> {
    let options = Options { path: Some(file.to_owned()), clock: None };
    let database = EmbeddedDatabase::open(options).map_err(|error| error.to_string())?;
    let mut talk = Talk { conversation: begin(&database, USER).await?, database: &database };
    for exchange in exchanges {
        let answers = match tokio::time::timeout(HANGS, talk.exchange(exchange)).await {
            Ok(answers) => answers,
            Err(_) => {
                let answer =
                    Answer::from(Failure::new("hangs", "no answer, and no end of the time limit either"));
                write(out, &[answer])?;
                // The engine's thread is lost: nobody could wait for it.
                std::mem::forget(talk);
                std::mem::forget(database);
                return Err("a statement hangs".to_owned());
            }
        };
        write(out, &answers)?;
    }
    drop(talk);
    database.close().await.map_err(|error| error.to_string())
}

fn write(out: &mut dyn Write, answers: &[Answer]) -> Result<(), String> {
    let line = serde_json::to_string(answers).map_err(|error| error.to_string())?;
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())
}

async fn begin(database: &EmbeddedDatabase, user: &str) -> Result<Conversation, String> {
    let session = Session::operator(SystemPrivilege::i_am_the_operator());
    let settings = SETTINGS.iter();
    let session = settings.fold(session, |session, (name, value)| session.with_setting(*name, *value));
    let mut conversation = database.converse(session).map_err(|error| error.to_string())?;
    if user != USER {
        let become_user = format!("SET SESSION AUTHORIZATION {}", syntax::quote_identifier(user));
        conversation.say(&become_user).await.map_err(|error| error.to_string())?;
    }
    Ok(conversation)
}

struct Talk<'a> {
    database: &'a EmbeddedDatabase,
    conversation: Conversation,
}

impl Talk<'_> {
    async fn exchange(&mut self, exchange: &Exchange) -> Vec<Answer> {
        if let Some(user) = &exchange.reconnect {
            return match begin(self.database, user).await {
                Ok(conversation) => {
                    self.conversation = conversation;
                    Vec::new()
                }
                Err(error) => vec![Answer::from(Failure::new("08000", error))],
            };
        }
        if exchange.answers.len() < 2 {
            return vec![self.statement(&exchange.text, exchange).await];
        }
        let mut answers = Vec::new();
        let parts = syntax::split_script(&exchange.text).unwrap_or_default();
        for part in &parts {
            let answer = self.statement(part.text, exchange).await;
            let failed = answer.error.is_some();
            answers.push(answer);
            if failed {
                break;
            }
        }
        answers
    }

    async fn statement(&mut self, text: &str, exchange: &Exchange) -> Answer {
        let postgres_failed = exchange.answers.iter().any(|answer| answer.error.is_some());
        let parsed = syntax::parse_statement(text);
        if let Ok(Statement::Transaction(control)) = &parsed {
            return self.control(text, control, exchange).await;
        }
        if exchange.before == 'E' {
            return Answer::from(Failure::new("25P02", "not run"));
        }
        if exchange.before == 'T' && self.conversation.status() == TransactionStatus::Failed {
            // Its beginning was refused, or it could not be kept alive.
            let _ = self.conversation.say("ROLLBACK").await;
        }
        if exchange.before == 'T' && self.conversation.status() == TransactionStatus::Idle {
            let _ = self.conversation.say("BEGIN").await;
        }
        // SET TRANSACTION in a savepoint says something else.
        let sets_modes = matches!(&parsed, Ok(Statement::Set(setting)) if setting.name == "transaction");
        let guarded =
            !sets_modes && self.conversation.status() == TransactionStatus::Open && exchange.before == 'T';
        if guarded {
            let _ = self.conversation.say(&format!("SAVEPOINT {SAVEPOINT}")).await;
        }
        let answer = self.run(text, parsed.ok().as_ref(), exchange).await;
        if guarded {
            let undo = answer.error.is_some() && !postgres_failed;
            if undo {
                let _ = self.conversation.say(&format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}")).await;
            }
            if undo || answer.error.is_none() {
                let _ = self.conversation.say(&format!("RELEASE SAVEPOINT {SAVEPOINT}")).await;
            }
        }
        answer
    }

    async fn run(&mut self, text: &str, parsed: Option<&Statement>, exchange: &Exchange) -> Answer {
        if let Some(Statement::Copy(statement)) = parsed
            && let Some(done) = copy::run(&mut self.conversation, text, statement, exchange).await
        {
            return done;
        }
        answer(&self.conversation.say(text).await)
    }

    async fn control(&mut self, text: &str, control: &TransactionStatement, exchange: &Exchange) -> Answer {
        let is_end =
            matches!(control, TransactionStatement::Commit { .. } | TransactionStatement::Rollback { .. });
        if is_end && exchange.before == 'E' {
            // PostgreSQL rolls back, whatever was asked.
            let tag = exchange.answers.first().map_or("ROLLBACK", |answer| &answer.tag).to_owned();
            if self.conversation.status() != TransactionStatus::Idle {
                let _ = self.conversation.say("ROLLBACK").await;
            }
            return Answer { tag, ..Answer::default() };
        }
        if exchange.before == 'E' && !matches!(control, TransactionStatement::RollbackTo(_)) {
            return Answer::from(Failure::new("25P02", "not run"));
        }
        if is_end && self.conversation.status() == TransactionStatus::Failed {
            let _ = self.conversation.say("ROLLBACK").await;
            return Answer::from(Failure::new("25P02", "the transaction could not be kept alive"));
        }
        answer(&self.conversation.say(text).await)
    }
}

/// As an answer.
pub(crate) fn answer(outcome: &Result<Outcome, DatabaseError>) -> Answer {
    match outcome {
        Ok(outcome) => Answer::from(outcome),
        Err(error) => Answer::from(error),
    }
}
