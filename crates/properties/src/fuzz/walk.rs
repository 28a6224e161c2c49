//! Walks scripts: each statement in its place, and changed ones before it.

use super::stock::Stock;
use super::wild::Corpus;
use super::{Fault, Ran, fault_of, quiet, run, tame};
use crate::dice::Dice;
use crate::engines::operator;
use crate::shrink::smaller;
use database::{Database, DatabaseError, Session, Statement, Work};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::ast;

/// How many of a hundred changed statements are changed without regard for the grammar.
const WILD: usize = 10;

/// How many tries it takes at most to make a faulty statement small.
const TRIES: usize = 400;

/// A script.
pub struct Script {
    /// Its name.
    pub name: String,
    steps: Vec<Step>,
}

/// What is run at once.
struct Step {
    session: Session,
    statements: Vec<Statement>,
    /// What is changed: a single statement.
    tree: Option<ast::Statement>,
}

impl Script {
    /// Of a text in the form of `conformance/`.
    pub fn new(name: &str, text: &str) -> Script {
        let mut script = Script { name: name.to_owned(), steps: Vec::new() };
        let (mut session, mut before) = (operator(), 0);
        let mut group: Option<Vec<Statement>> = None;
        for piece in syntax::split_script(text).unwrap_or_default() {
            let comments = text.get(before..piece.offset).unwrap_or_default().lines();
            if let Some(asker) = comments.rev().find_map(|line| line.strip_prefix("-- as ")) {
                session = testkit::conformance::session_of(asker.trim());
            }
            before = piece.offset + piece.text.len();
            let statement = Statement::new(piece.text).with_rows(piece.copy_data);
            let word = piece.text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            let session = session.clone();
            match (&mut group, word.as_str()) {
                (None, "begin") => group = Some(Vec::new()),
                (Some(_), "commit" | "end") => {
                    let statements = group.take().unwrap_or_default();
                    script.steps.push(Step { session, statements, tree: None });
                }
                (Some(statements), _) => statements.push(statement),
                (None, _) => {
                    let tree = syntax::parse_statement(piece.text).ok();
                    script.steps.push(Step { session, statements: vec![statement], tree });
                }
            }
        }
        script
    }
}

/// All that is walked.
pub struct Scripts {
    scripts: Vec<Script>,
    corpus: Corpus,
}

impl Scripts {
    /// Of these.
    pub fn new(scripts: Vec<Script>) -> Scripts {
        let statements = scripts.iter().flat_map(|script| &script.steps).flat_map(|step| &step.statements);
        let corpus = Corpus::new(statements.map(|statement| &*statement.text));
        Scripts { scripts, corpus }
    }

    /// How many statements there are.
    pub fn statements(&self) -> usize {
        self.scripts.iter().flat_map(|script| &script.steps).map(|step| step.statements.len()).sum()
    }
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Statements tried.
    pub tried: u64,
    /// Of them, those that were answered.
    pub answered: u64,
    /// Of them, those that were refused by name.
    pub refused: u64,
    /// Of them, those that failed.
    pub failed: u64,
    /// The faults, one of each kind, with how many there were.
    pub faults: BTreeMap<String, (Fault, u64)>,
}

impl Found {
    fn add(&mut self, ran: Result<Ran, Fault>) -> Option<Fault> {
        self.tried += 1;
        match ran {
            Ok(Ran::Answered) => self.answered += 1,
            Ok(Ran::Refused) => self.refused += 1,
            Ok(Ran::Failed) => self.failed += 1,
            Err(fault) => {
                let kept = self.faults.entry(kind_of(&fault)).or_insert((fault.clone(), 0));
                kept.1 += 1;
                return (kept.1 == 1).then_some(fault);
            }
        }
        None
    }

    /// The first fault.
    pub fn fault(&self) -> Option<&Fault> {
        self.faults.values().next().map(|(fault, _)| fault)
    }
}

/// What faults are alike: SQLite's message or the error's, without its numbers and without the statement.
fn kind_of(fault: &Fault) -> String {
    let message = ["in SELECT", "in WITH", "in INSERT", "in UPDATE", "in DELETE", ": SELECT", ": WITH"]
        .iter()
        .filter_map(|sign| fault.what.find(sign))
        .min()
        .map_or(fault.what.as_str(), |end| &fault.what[..end]);
    message.chars().filter(|sign| !sign.is_ascii_digit()).take(100).collect()
}

/// How a walk goes.
pub struct Way<'w> {
    /// Where chance begins.
    pub seed: u64,
    /// How many changed statements are tried.
    pub rounds: u64,
    /// Whether it ends with the first fault.
    pub first: bool,
    /// Is told what is tried next.
    pub before: &'w mut (dyn FnMut(&str) + Send),
    /// Is told of a fault of a new kind, made small.
    pub fault: &'w mut (dyn FnMut(&str, &Fault) + Send),
}

/// Walks until so many changed statements were tried.
///
/// # Errors
/// What the engine says when a database is made.
pub async fn walk(scripts: &Scripts, way: Way<'_>) -> Result<Found, DatabaseError> {
    let Way { seed, rounds, first, before, fault: told } = way;
    let mut dice = Dice::new(seed);
    let mut found = Found::default();
    let trees = scripts.scripts.iter().flat_map(|script| &script.steps).filter_map(|step| step.tree.as_ref());
    let mut stock = Stock::new(trees);
    loop {
        let script = dice.pick(&scripts.scripts);
        let mut database = testkit::embedded().await?;
        stock.learn(&mut dice, &database, &operator(), 40).await;
        for (at, step) in script.steps.iter().enumerate() {
            if found.tried >= rounds {
                let _ = database.close().await;
                return Ok(found);
            }
            let alone = match &step.statements[..] {
                [statement] => Some(statement),
                _ => None,
            };
            // What fails as it is written fails changed, most of the time: once in a while is enough.
            let as_written = run(&database, &step.session, step.statements.clone()).await;
            let answered = matches!(as_written, Ok(Ran::Answered));
            if let Some(statement) = alone.filter(|_| answered || dice.chance(10)) {
                // What has no tree can only be changed without regard for the grammar.
                let times: &[usize] =
                    if step.tree.as_ref().is_some_and(is_data) { &[1, 1, 2, 3] } else { &[0, 0, 0, 1] };
                for _ in 0..*dice.pick(times) {
                    let (session, statements) = changed(&mut dice, scripts, &stock, step, statement);
                    before(&joined(&statements));
                    let ran = run(&database, &session, statements.clone()).await;
                    let lost = ran.as_ref().is_err_and(|fault| fault.lost);
                    if let Some(fault) = found.add(ran) {
                        let small =
                            if lost { fault } else { small(&database, &session, &statements, fault).await };
                        told(&script.name, &small);
                        if first {
                            return Ok(found);
                        }
                    }
                    if lost {
                        database = again(&script.steps[..at]).await?;
                    }
                }
            }
            before(&joined(&step.statements));
            let work = Work { statements: step.statements.clone(), ..Work::default() };
            let ran = quiet(&database, &step.session, work).await;
            let what = match &ran {
                Err(what) => Some(what.clone()),
                Ok(Err(error)) => fault_of(error),
                Ok(Ok(_)) => None,
            };
            if let Some(what) = what {
                let fault = Fault { statement: joined(&step.statements), what, lost: true };
                if let Some(fault) = found.add(Err(fault)) {
                    told(&script.name, &fault);
                    if first {
                        return Ok(found);
                    }
                }
                database = again(&script.steps[..at]).await?;
            }
            let defines = step.tree.as_ref().is_some_and(|tree| !is_data(tree));
            if defines || step.tree.is_none() {
                stock.see(&database).await;
            }
        }
        let _ = database.close().await;
    }
}

fn is_data(tree: &ast::Statement) -> bool {
    use ast::Statement as S;
    matches!(tree, S::Select(_) | S::Insert(_) | S::Update(_) | S::Delete(_) | S::Explain { .. })
}

/// A changed statement and who asks it.
fn changed(
    dice: &mut Dice,
    scripts: &Scripts,
    stock: &Stock,
    step: &Step,
    statement: &Statement,
) -> (Session, Vec<Statement>) {
    let session = match dice.below(12) {
        0 => operator(),
        1 => Session::new("authenticated"),
        _ => step.session.clone(),
    };
    if !dice.chance(WILD)
        && let Some(tree) = &step.tree
        && let Some(changed) = tame::changed(dice, stock, tree)
    {
        let mut statements: Vec<Statement> =
            changed.statements.iter().map(|text| Statement::new(text.as_str())).collect();
        if let Some(first) = statements.first_mut() {
            first.parameters = changed.parameters;
        }
        return (session, statements);
    }
    let text = scripts.corpus.changed(dice, &statement.text);
    (session, vec![Statement::new(text)])
}

fn joined(statements: &[Statement]) -> String {
    let texts: Vec<&str> = statements.iter().map(|statement| &*statement.text).collect();
    texts.join("; ")
}

/// The database as it was after these steps.
async fn again(steps: &[Step]) -> Result<Arc<dyn Database>, DatabaseError> {
    let database = testkit::embedded().await?;
    for step in steps {
        let work = Work { statements: step.statements.clone(), ..Work::default() };
        let _ = quiet(&database, &step.session, work).await;
    }
    Ok(database)
}

/// A smaller statement with a fault of the same kind.
async fn small(
    database: &Arc<dyn Database>,
    session: &Session,
    statements: &[Statement],
    mut fault: Fault,
) -> Fault {
    let kind = kind_of(&fault);
    let mut statements = statements.to_vec();
    let mut tries = TRIES;
    'smaller: for at in (0..statements.len()).rev() {
        loop {
            let text = Arc::clone(&statements[at].text);
            let mut better = None;
            for offered in smaller(&text).into_iter().filter(|offered| offered.len() < text.len()) {
                tries -= 1;
                if tries == 0 {
                    break 'smaller;
                }
                let mut tried = statements.clone();
                tried[at].text = offered.into();
                if let Err(other) = run(database, session, tried.clone()).await
                    && !other.lost
                    && kind_of(&other) == kind
                {
                    better = Some((tried, other));
                    break;
                }
            }
            match better {
                Some((tried, other)) => (statements, fault) = (tried, other),
                None => break,
            }
        }
    }
    fault
}
