//! Generates INSERT, UPDATE and DELETE.

use crate::asked::{Asked, Way};
use crate::expression::{Generator, Known};
use crate::kind::{Kind, quoted};
use crate::model::{Column, Relation};
use crate::schema::{SUBJECTS, key_text};

/// A statement that writes.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) several: bool,
}

impl<'a> Generator<'a> {
    /// A relation that rows are written to.
    fn target(&mut self) -> &'a Relation {
        for _ in 0..12 {
            let relation = &self.model.relations[self.dice.below(self.model.relations.len())];
            let rights = &relation.rights[self.role];
            if relation.writable && (!rights.insert.is_empty() || self.dice.chance(5)) {
                return relation;
            }
        }
        &self.model.relations[0]
    }

    /// A value for a column of a new row.
    pub(crate) fn given(&mut self, column: &Column, key: &str) -> String {
        if column.name == "id" {
            return key.to_owned();
        }
        if self.dice.chance(6) {
            return "null".to_owned();
        }
        if column.default && self.dice.chance(25) {
            return "default".to_owned();
        }
        match (column.name.as_str(), column.references) {
            ("owner", _) => match self.dice.below(3) {
                0 => "auth.uid()".to_owned(),
                _ => quoted(self.dice.word(SUBJECTS)),
            },
            ("team", _) => {
                let most = if self.dice.chance(10) { 14 } else { 6 };
                self.dice.within(1, most).to_string()
            }
            (_, Some(_)) => {
                let most = if self.dice.chance(10) { 60 } else { 12 };
                let number = self.dice.within(1, most);
                key_text(column.kind, number)
            }
            _ => column.kind.bare(self.dice, &self.model.labels),
        }
    }

    /// The key of a new row, or of one that is there.
    pub(crate) fn new_key(&mut self, kind: Kind) -> String {
        let number = if self.dice.chance(35) { self.dice.within(1, 30) } else { self.dice.within(31, 400) };
        key_text(kind, number)
    }

    fn returning(&mut self, relation: &Relation) -> String {
        if self.dice.chance(45) {
            return String::new();
        }
        if self.dice.chance(20) {
            return " returning *".to_owned();
        }
        let columns = self.columns(relation, "");
        let kind = self.kind(&columns);
        let nesting = std::mem::replace(&mut self.nesting, 0);
        let values = [self.value(kind, &columns, 1), self.dice.pick(&columns).text.clone()];
        self.nesting = nesting;
        format!(" returning {}", values.join(", "))
    }

    /// INSERT, with ON CONFLICT at times.
    fn insert(&mut self) -> Written {
        let relation = self.target().clone();
        let rights = &relation.rights[self.role];
        let given: Vec<usize> = (0..relation.columns.len())
            .filter(|at| !relation.columns[*at].generated)
            .filter(|at| {
                if !rights.insert.contains(at) && !self.dice.chance(5) {
                    return false;
                }
                let column = &relation.columns[*at];
                // A statement that fails may have taken a number of a sequence before, or not.
                let numbered = *at == 0 && column.default && (self.role != 2 || self.dice.chance(60));
                let needed = (column.not_null && !column.default) || numbered;
                needed || self.dice.chance(60)
            })
            .collect();
        if given.is_empty() {
            return Written { text: format!("insert into {} default values", relation.name), several: false };
        }
        let names: Vec<&str> = given.iter().map(|at| relation.columns[*at].name.as_str()).collect();
        let (source, several) = if self.dice.chance(20) {
            let from = self.relation();
            let alias = self.alias();
            let columns = self.columns(from, &alias);
            let filter = self.predicate(&columns, 1);
            let keys: Vec<String> = given
                .iter()
                .map(|at| {
                    let column = &relation.columns[*at];
                    match self.given(column, "") {
                        text if text == "default" || text.is_empty() => {
                            let key = self.new_key(column.kind);
                            if column.kind.is_integer() {
                                key
                            } else {
                                format!("{key}::{}", column.kind.name())
                            }
                        }
                        text if text.starts_with('\'') => format!("{text}::{}", column.kind.name()),
                        text if column.kind == Kind::Uuid || text != "null" => text,
                        text => format!("{text}::{}", column.kind.name()),
                    }
                })
                .collect();
            (format!("select {} from {} {alias} where {filter} limit 1", keys.join(", "), from.name), false)
        } else {
            let count = if self.dice.chance(25) { self.dice.within(2, 3) } else { 1 };
            let rows: Vec<String> = (0..count)
                .map(|_| {
                    let values: Vec<String> = given
                        .iter()
                        .map(|at| {
                            let key = self.new_key(relation.columns[*at].kind);
                            self.given(&relation.columns[*at], &key)
                        })
                        .collect();
                    format!("({})", values.join(", "))
                })
                .collect();
            (format!("values {}", rows.join(", ")), count > 1)
        };
        let conflict = self.conflict(&relation);
        let returning = self.returning(&relation);
        let text =
            format!("insert into {} ({}) {source}{conflict}{returning}", relation.name, names.join(", "));
        Written { text, several }
    }

    fn conflict(&mut self, relation: &Relation) -> String {
        if relation.view || self.dice.chance(60) {
            return String::new();
        }
        if !relation.arbiters.is_empty() && self.dice.chance(45) {
            let target = self.dice.pick(&relation.arbiters).clone();
            if self.dice.chance(40) {
                return format!(" on conflict {target} do nothing");
            }
            let sets = self.assignments(relation, &relation.name, true);
            return format!(" on conflict {target} do update set {sets}");
        }
        let mut keys = vec![relation.key.clone()];
        keys.extend(relation.unique.iter().cloned());
        let key = self.dice.pick(&keys).clone();
        let names: Vec<&str> = key.iter().map(|at| relation.columns[*at].name.as_str()).collect();
        let target = names.join(", ");
        match self.dice.below(4) {
            0 => " on conflict do nothing".to_owned(),
            1 => format!(" on conflict ({target}) do nothing"),
            _ => {
                let sets = self.assignments(relation, &relation.name, true);
                let filter = if self.dice.chance(30) {
                    let columns = self.columns(relation, &relation.name);
                    let nesting = std::mem::replace(&mut self.nesting, 0);
                    let filter = self.predicate(&columns, 1);
                    self.nesting = nesting;
                    format!(" where {filter}")
                } else {
                    String::new()
                };
                format!(" on conflict ({target}) do update set {sets}{filter}")
            }
        }
    }

    /// `column = value, …` for a row under a name.
    pub(crate) fn assignments(&mut self, relation: &Relation, name: &str, excluded: bool) -> String {
        let rights = &relation.rights[self.role];
        let able: Vec<usize> = (1..relation.columns.len())
            .filter(|at| !relation.columns[*at].generated && !relation.key.contains(at))
            .filter(|at| rights.update.contains(at) || self.dice.chance(5))
            .collect();
        if able.is_empty() {
            let column = &relation.columns[0].name;
            return format!("{column} = {name}.{column}");
        }
        let chosen = self.dice.some(&able, 3);
        let sight = self.columns(relation, name);
        let sets: Vec<String> = chosen
            .iter()
            .map(|at| {
                let column = &relation.columns[*at];
                let value = match self.dice.below(4) {
                    _ if excluded && self.dice.chance(50) => format!("excluded.{}", column.name),
                    0 if column.references.is_none() && column.name != "team" => {
                        let kind = column.kind;
                        let value = self.value(kind, &sight, 1);
                        // What is too long for the column would be an error of some row.
                        match kind {
                            Kind::Varchar | Kind::Char => format!("({value})::{}", kind.name()),
                            Kind::Numeric => format!("coalesce(({value}) * 0, 1.25)"),
                            Kind::Int2 => kind.literal(self.dice, &self.model.labels),
                            _ => value,
                        }
                    }
                    1 if column.name == "team" => format!("{name}.team"),
                    _ => self.given(column, "null"),
                };
                format!("{} = {value}", column.name)
            })
            .collect();
        sets.join(", ")
    }

    /// WHERE of an UPDATE or DELETE: by key or by a condition.
    fn which(&mut self, relation: &Relation, alias: &str, columns: &[Known]) -> (String, bool) {
        if self.dice.chance(55) {
            let key = &relation.columns[0];
            let number = self.dice.within(1, 30);
            let value = if relation.name == "members" {
                self.dice.within(1, 4).to_string()
            } else {
                key_text(key.kind, number)
            };
            return (format!(" where {alias}.{} = {value}", key.name), relation.name == "members");
        }
        if self.dice.chance(8) {
            return (String::new(), true);
        }
        (format!(" where {}", self.predicate(columns, 2)), true)
    }

    fn update(&mut self) -> Written {
        let relation = self.target().clone();
        let alias = self.alias();
        let columns = self.columns(&relation, &alias);
        let sets = self.assignments(&relation, &alias, false);
        let (filter, several) = self.which(&relation, &alias, &columns);
        if self.dice.chance(15) && !relation.view {
            // Joined by the other's key, so that one row at most belongs to each.
            let other_alias = self.alias();
            let filter = if filter.is_empty() { " where true".to_owned() } else { filter.clone() };
            let text = format!(
                "update {} {alias} set {sets} from members {other_alias}{filter} and {other_alias}.team = {alias}.team and {other_alias}.who = {alias}.owner returning {alias}.{}, {other_alias}.level",
                relation.name, relation.columns[0].name
            );
            if relation.name != "members" {
                return Written { text, several };
            }
        }
        let returning = self.returning(&relation);
        Written { text: format!("update {} {alias} set {sets}{filter}{returning}", relation.name), several }
    }

    fn delete(&mut self) -> Written {
        let relation = self.target().clone();
        let alias = self.alias();
        let columns = self.columns(&relation, &alias);
        let (mut filter, several) = self.which(&relation, &alias, &columns);
        if filter.is_empty() {
            filter = format!(" where {alias}.{} is null", relation.columns[1].name);
        }
        let using = if self.dice.chance(15) && relation.name != "members" {
            let other = self.alias();
            filter += &format!(" and {other}.team = {alias}.team and {other}.who = {alias}.owner");
            format!(" using members {other}")
        } else {
            String::new()
        };
        let returning = self.returning(&relation);
        Written { text: format!("delete from {} {alias}{using}{filter}{returning}", relation.name), several }
    }

    /// A statement that writes.
    pub(crate) fn write(&mut self, user: usize) -> Asked {
        let written = match self.dice.below(10) {
            0..=3 => self.insert(),
            4..=7 => self.update(),
            _ => self.delete(),
        };
        let mut text = written.text;
        if self.dice.chance(6) && text.contains(" returning ") {
            text = format!("with w as ({text}) select count(*) from w");
        }
        Asked { user, way: Way::Sql(text), ordered: false, several_culprits: written.several, writes: true }
    }
}
