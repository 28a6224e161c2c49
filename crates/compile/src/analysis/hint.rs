//! Errors about names that are not there, with PostgreSQL's guesses at what was meant (parse_relation.c).

use super::{Analysis, Scope};
use sqlstate::{AMBIGUOUS_COLUMN, DatabaseError, UNDEFINED_COLUMN, UNDEFINED_TABLE};
use syntax::ast::Position;

/// A guess is not made beyond this distance.
const MAX_DISTANCE: usize = 3;

/// The best guesses so far.
struct Guess {
    distance: usize,
    first: Option<(String, Option<String>)>,
    second: Option<(String, String)>,
}

impl Analysis<'_> {
    /// errorMissingColumn
    pub(crate) fn no_column(
        &self,
        scope: &Scope<'_>,
        relation: Option<&str>,
        column: &str,
        position: Position,
    ) -> DatabaseError {
        let message = match relation {
            Some(relation) => format!("column {relation}.{column} does not exist"),
            None => format!("column \"{column}\" does not exist"),
        };
        let error = DatabaseError::new(UNDEFINED_COLUMN, message).at(position);
        let guess = guess_column(scope, relation, column);
        match (guess.first, guess.second) {
            (Some((table, Some(first))), Some((other, second))) => error.with_hint(format!(
                "Perhaps you meant to reference the column \"{table}.{first}\" or the column \"{other}.{second}\"."
            )),
            (Some((table, Some(first))), None) => {
                error.with_hint(format!("Perhaps you meant to reference the column \"{table}.{first}\"."))
            }
            (Some((table, None)), _) => error.with_hint(format!(
                "There is a column named \"{column}\" in table \"{table}\", but it cannot be referenced from this part of the query."
            )),
            (None, _) => error,
        }
    }

    /// errorMissingRTE
    pub(crate) fn no_range(&self, scope: &Scope<'_>, name: &str, position: Position) -> DatabaseError {
        let mut level = Some(scope);
        let mut visible_alias = None;
        let mut same_name = false;
        while let Some(scope) = level {
            for range in &scope.known {
                same_name |= range.alias == name;
                if range.alias != name && range.relation.as_deref() == Some(name) && visible_alias.is_none() {
                    visible_alias = Some(range.alias.clone());
                }
            }
            level = scope.parent;
        }
        let invalid = || {
            DatabaseError::new(
                UNDEFINED_TABLE,
                format!("invalid reference to FROM-clause entry for table \"{name}\""),
            )
            .at(position)
        };
        if same_name {
            return invalid().with_hint(format!(
                "There is an entry for table \"{name}\", but it cannot be referenced from this part of the query."
            ));
        }
        match visible_alias {
            Some(alias) => {
                invalid().with_hint(format!("Perhaps you meant to reference the table alias \"{alias}\"."))
            }
            None => {
                DatabaseError::new(UNDEFINED_TABLE, format!("missing FROM-clause entry for table \"{name}\""))
                    .at(position)
            }
        }
    }

    /// 42702
    pub(crate) fn ambiguous_column(&self, column: &str, position: Position) -> DatabaseError {
        DatabaseError::new(AMBIGUOUS_COLUMN, format!("column reference \"{column}\" is ambiguous"))
            .at(position)
    }
}

/// searchRangeTableForCol
fn guess_column(scope: &Scope<'_>, relation: Option<&str>, column: &str) -> Guess {
    let mut guess = Guess { distance: MAX_DISTANCE + 1, first: None, second: None };
    let mut level = Some(scope);
    while let Some(scope) = level {
        for range in &scope.known {
            let penalty = relation.map_or(0, |relation| distance(relation, &range.alias, MAX_DISTANCE + 1));
            for name in &range.columns {
                consider(&mut guess, penalty, &range.alias, name, column);
            }
            if penalty == 0 && range.columns.iter().any(|name| name == column) {
                return Guess { distance: 0, first: Some((range.alias.clone(), None)), second: None };
            }
        }
        level = scope.parent;
    }
    guess
}

/// updateFuzzyAttrMatchState
fn consider(guess: &mut Guess, penalty: usize, table: &str, actual: &str, wanted: &str) {
    if penalty > guess.distance {
        return;
    }
    let reach = guess.distance + 1 - penalty;
    let apart = distance(actual, wanted, reach);
    if apart > wanted.len() / 2 {
        return;
    }
    let apart = apart + penalty;
    if apart < guess.distance {
        guess.distance = apart;
        guess.first = Some((table.to_owned(), Some(actual.to_owned())));
        guess.second = None;
    } else if apart == guess.distance {
        if guess.second.is_some() {
            guess.first = None;
            guess.second = None;
            guess.distance = apart.saturating_sub(1);
        } else if guess.first.is_some() {
            guess.second = Some((table.to_owned(), actual.to_owned()));
        } else if guess.distance <= MAX_DISTANCE {
            guess.first = Some((table.to_owned(), Some(actual.to_owned())));
        }
    }
}

/// varstr_levenshtein_less_equal with unit costs: beyond `limit` any larger number.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let apart = row.last().copied().unwrap_or(0);
    if apart > limit { limit + 1 } else { apart }
}
