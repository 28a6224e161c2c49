//! Generates forms of statements that are more than one plain query or change. [`FORMS`] names them, so that a run may ask one alone.

use crate::asked::{Asked, Way};
use crate::expression::{Generator, Known};
use crate::kind::{Kind, quoted};
use crate::model::Relation;
use crate::schema::key_text;
use crate::select::Selected;
use std::collections::BTreeSet;

/// The forms.
pub const FORMS: &[&str] =
    &["merge", "changing-with", "locking", "lateral", "grouping-sets", "frames", "arbiters", "routines"];

impl<'a> Generator<'a> {
    /// A question of one form.
    pub(crate) fn form(&mut self, form: &str, user: usize) -> Asked {
        let read = |selected: Selected| Asked {
            user,
            way: Way::Sql(selected.text),
            ordered: selected.ordered,
            several_culprits: false,
            writes: false,
        };
        match form {
            "merge" => self.merge(user),
            "changing-with" => self.changing_with(user),
            "locking" => read(self.locking()),
            "lateral" => read(self.lateral()),
            "grouping-sets" => read(self.grouping_sets()),
            "frames" => read(self.frames()),
            "arbiters" => self.arbiters(user),
            _ => self.routine(user),
        }
    }

    /// A table of the schema's, with a key named id.
    fn keyed(&mut self) -> &'a Relation {
        for _ in 0..20 {
            let relation = &self.model.relations[self.dice.below(self.model.relations.len())];
            let rights = &relation.rights[self.role];
            if !relation.view
                && relation.columns[0].name == "id"
                && (!rights.select.is_empty() || self.dice.chance(5))
            {
                return relation;
            }
        }
        &self.model.relations[1]
    }

    /// MERGE: the source has each key once.
    fn merge(&mut self, user: usize) -> Asked {
        let relation = self.keyed();
        let (alias, source) = (self.alias(), self.alias());
        let columns = self.columns(relation, &alias);
        let key = &relation.columns[0];
        let numbers: BTreeSet<usize> = (0..self.dice.within(1, 3)).map(|_| self.dice.within(1, 40)).collect();
        let mut several = numbers.len() > 1;
        let from = if self.dice.chance(70) {
            let rows: Vec<String> = numbers
                .iter()
                .map(|number| {
                    format!(
                        "({}::{}, {})",
                        key_text(key.kind, *number),
                        key.kind.name(),
                        self.dice.within(1, 7)
                    )
                })
                .collect();
            format!("(values {}) {source}(k, n)", rows.join(", "))
        } else {
            several = true;
            let inner = self.alias();
            let known = self.columns(relation, &inner);
            let filter = self.predicate(&known, 1);
            let shift = if key.kind.is_integer() { *self.dice.pick(&["", " + 1", " + 100"]) } else { "" };
            format!(
                "(select {inner}.id{shift} as k, {inner}.team as n from {} {inner} where {inner}.team < {} and {filter}) {source}",
                relation.name,
                self.dice.within(2, 4)
            )
        };
        let more = if self.dice.chance(20) {
            format!(" and {}", self.predicate(&columns, 1))
        } else {
            String::new()
        };
        let sources =
            [Known::new(format!("{source}.k"), key.kind), Known::new(format!("{source}.n"), Kind::Int4)];
        let both: Vec<Known> = columns.iter().chain(&sources).cloned().collect();
        let mut clauses: Vec<String> = Vec::new();
        let mut closed = [false, false];
        for _ in 0..self.dice.within(1, 3) {
            let matched = self.dice.chance(60);
            // What stands behind a clause without a condition is an error.
            if closed[usize::from(matched)] && !self.dice.chance(5) {
                continue;
            }
            let conditional = self.dice.chance(45);
            closed[usize::from(matched)] |= !conditional;
            let condition = if conditional {
                let sight = if matched { &both[..] } else { &sources[..] };
                format!(" and {}", self.predicate(sight, 1))
            } else {
                String::new()
            };
            let action = match (matched, self.dice.below(6)) {
                (_, 0) => "do nothing".to_owned(),
                (true, 1) => "delete".to_owned(),
                (true, 2) => format!("update set team = {source}.n"),
                (true, _) => format!("update set {}", self.assignments(relation, &alias, false)),
                (false, 1) if key.default => "insert default values".to_owned(),
                (false, _) => self.merged_row(relation, &source),
            };
            let not = if matched { "" } else { "not " };
            clauses.push(format!(" when {not}matched{condition} then {action}"));
        }
        let text = format!(
            "merge into {} {alias} using {from} on {alias}.id = {source}.k{more}{}",
            relation.name,
            clauses.concat()
        );
        Asked { user, way: Way::Sql(text), ordered: false, several_culprits: several, writes: true }
    }

    /// `insert (…) values (…)` of a row that matches none.
    fn merged_row(&mut self, relation: &Relation, source: &str) -> String {
        let rights = &relation.rights[self.role];
        let given: Vec<usize> = (0..relation.columns.len())
            .filter(|at| {
                let column = &relation.columns[*at];
                let needed = *at == 0 || (column.not_null && !column.default);
                !column.generated && (needed || (rights.insert.contains(at) && self.dice.chance(50)))
            })
            .collect();
        let names: Vec<&str> = given.iter().map(|at| relation.columns[*at].name.as_str()).collect();
        let values: Vec<String> = given
            .iter()
            .map(|at| match relation.columns[*at].name.as_str() {
                "team" if self.dice.chance(60) => format!("{source}.n"),
                _ => self.given(&relation.columns[*at], &format!("{source}.k")),
            })
            .collect();
        format!("insert ({}) values ({})", names.join(", "), values.join(", "))
    }

    /// One change of a row of a table, by key, that gives back its key and team.
    fn small_change(&mut self, relation: &Relation) -> (String, bool) {
        let alias = self.alias();
        let key = &relation.columns[0];
        let number = self.dice.within(1, 30);
        let columns = self.columns(relation, &alias);
        let (filter, several) = if self.dice.chance(60) {
            (format!("{alias}.id = {}", key_text(key.kind, number)), false)
        } else {
            (format!("{alias}.team = {} and {}", self.dice.within(1, 5), self.predicate(&columns, 1)), true)
        };
        let name = &relation.name;
        match self.dice.below(5) {
            0 => (
                format!(
                    "delete from {name} {alias} where {filter} returning {alias}.id as k, {alias}.team as n"
                ),
                several,
            ),
            1 => {
                let given: Vec<usize> = (0..relation.columns.len())
                    .filter(|at| {
                        let column = &relation.columns[*at];
                        *at == 0
                            || column.name == "team"
                            || (column.not_null && !column.default && !column.generated)
                    })
                    .collect();
                let names: Vec<&str> = given.iter().map(|at| relation.columns[*at].name.as_str()).collect();
                let values: Vec<String> = given
                    .iter()
                    .map(|at| {
                        let key = self.new_key(key.kind);
                        self.given(&relation.columns[*at], &key)
                    })
                    .collect();
                let text = format!(
                    "insert into {name} ({}) values ({}) returning id as k, team as n",
                    names.join(", "),
                    values.join(", ")
                );
                (text, false)
            }
            _ => {
                let sets = self.assignments(relation, &alias, false);
                let text = format!(
                    "update {name} {alias} set {sets} where {filter} returning {alias}.id as k, {alias}.team as n"
                );
                (text, several)
            }
        }
    }

    /// A table without triggers, most of the time: several changes of others are refused.
    fn quiet(&mut self) -> &'a Relation {
        for _ in 0..12 {
            let relation = self.keyed();
            if !relation.triggered {
                return relation;
            }
        }
        self.keyed()
    }

    /// WITH whose parts change rows.
    fn changing_with(&mut self, user: usize) -> Asked {
        let first = self.quiet();
        let (change, mut several) = self.small_change(first);
        let text = match self.dice.below(6) {
            0 => {
                format!("with w as ({change}) select w.k, w.n, (select count(*) from {}) from w", first.name)
            }
            1 => {
                let alias = self.alias();
                format!(
                    "with w as ({change}) select w.k, {alias}.id, {alias}.team from w left join {} {alias} on {alias}.id = w.k",
                    first.name
                )
            }
            2 => {
                let second = self.quiet();
                let (other, _) = self.small_change(second);
                several = true;
                format!(
                    "with w as ({change}), v as ({other}) select (select count(*) from w), (select max(v.n) from v)"
                )
            }
            3 => {
                several = true;
                format!(
                    "with w as ({change}) insert into {} select 'moved', w.k::text, w.n from w returning what, which, team",
                    crate::extras::LOG
                )
            }
            4 => {
                let second = self.quiet();
                let alias = self.alias();
                several = true;
                format!(
                    "with w as ({change}), t as (select max(w.n) as n, count(*) as many from w) update {} {alias} set team = coalesce(t.n, 1) from t where {alias}.id = {} and t.many > 0 returning {alias}.id, {alias}.team, t.many",
                    second.name,
                    key_text(second.columns[0].kind, self.dice.within(1, 30))
                )
            }
            _ => {
                several = true;
                format!(
                    "with w as ({change}), unread as (insert into {0} values ('unread', null, 1) returning team) delete from {0} where team in (select w.n from w) returning what, team",
                    crate::extras::LOG
                )
            }
        };
        Asked { user, way: Way::Sql(text), ordered: false, several_culprits: several, writes: true }
    }

    /// FOR UPDATE and its like.
    fn locking(&mut self) -> Selected {
        let relation = self.table();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let filter = self.predicate(&columns, 2);
        let shown: Vec<String> = self.dice.some(&columns, 3).into_iter().map(|known| known.text).collect();
        let strength = *self.dice.pick(&["update", "no key update", "share", "key share"]);
        let wait = *self.dice.pick(&["", "", " nowait", " skip locked"]);
        let (join, of) = match self.dice.below(4) {
            0 => {
                let other = self.alias();
                let kind = *self.dice.pick(&["join", "left join"]);
                let of =
                    self.dice.pick(&[format!(" of {alias}"), String::new(), format!(" of {other}")]).clone();
                (
                    format!(
                        " {kind} members {other} on {other}.team = {alias}.team and {other}.who = {alias}.owner"
                    ),
                    of,
                )
            }
            1 => (String::new(), format!(" of {alias}")),
            _ => (String::new(), String::new()),
        };
        let text = format!(
            "select {} from {} {alias}{join} where {filter} for {strength}{of}{wait}",
            shown.join(", "),
            relation.name
        );
        Selected { text, kinds: Vec::new(), ordered: false }
    }

    /// Sub-queries that look at the row beside them.
    fn lateral(&mut self) -> Selected {
        let relation = self.relation();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let (inner, item) = (self.alias(), self.alias());
        let other = self.relation();
        let known = self.columns(other, &inner);
        let pairs: Vec<(&Known, &Known)> = columns
            .iter()
            .flat_map(|left| known.iter().map(move |right| (left, right)))
            .filter(|(left, right)| left.kind == right.kind && left.kind != Kind::Bool)
            .collect();
        let mut sight = known.clone();
        sight.extend(columns.iter().cloned());
        let on = match pairs.is_empty() {
            true => "true".to_owned(),
            false => {
                let (left, right) = *self.dice.pick(&pairs);
                format!("{} = {}", right.text, left.text)
            }
        };
        let filter =
            if self.dice.chance(50) { format!(" and {}", self.predicate(&sight, 1)) } else { String::new() };
        let join = *self.dice.pick(&["cross join lateral", "left join lateral", "join lateral"]);
        let end = if join.starts_with("cross") { "" } else { " on true" };
        let shown = self.dice.pick(&columns).text.clone();
        let strict: Vec<&Known> = known.iter().filter(|known| known.kind.is_strict()).collect();
        let sub = match self.dice.below(6) {
            0 if self.dice.chance(50) => {
                let start = self.leaf(Kind::Int4, &columns);
                format!("(select g.n from generate_series(1, least({start}, 4)) g(n)) {item}(x)")
            }
            0 => {
                let array = self.leaf(Kind::TextArray, &columns);
                format!("unnest({array}) with ordinality {item}(x, y)")
            }
            1 => {
                let document = self.leaf(Kind::Jsonb, &columns);
                format!(
                    "jsonb_each_text(case jsonb_typeof({document}) when 'object' then {document} end) {item}(y, x)"
                )
            }
            2 => {
                let aggregate = self.aggregate(&sight);
                format!(
                    "(select {aggregate} as x, count(*) as y from {} {inner} where {on}{filter}) {item}",
                    other.name
                )
            }
            3 if !strict.is_empty() => {
                let first = self.dice.pick(&strict).text.clone();
                let kind = self.kind(&columns);
                let outer = self.leaf(kind, &columns);
                format!(
                    "(select distinct {first} as x, {outer} as y from {} {inner} where {on}{filter}) {item}",
                    other.name
                )
            }
            _ if !strict.is_empty() => {
                let (first, second) =
                    (self.dice.pick(&strict).text.clone(), self.dice.pick(&strict).text.clone());
                format!(
                    "(select {first} as x, {second} as y from {} {inner} where {on}{filter} order by 1{}, 2 limit {}) {item}",
                    other.name,
                    self.dice.pick(&["", " desc", " nulls first"]),
                    self.dice.within(1, 3)
                )
            }
            _ => format!("(select count(*) as x from {} {inner} where {on}{filter}) {item}", other.name),
        };
        let outer = if self.dice.chance(50) {
            format!(" where {}", self.predicate(&columns, 1))
        } else {
            String::new()
        };
        let text =
            format!("select {shown}, {item}.* from {} {alias} {join} {sub}{end}{outer}", relation.name);
        Selected { text, kinds: Vec::new(), ordered: false }
    }

    /// GROUPING SETS, ROLLUP and CUBE.
    fn grouping_sets(&mut self) -> Selected {
        let (from, sight) = self.from();
        let filter = if self.dice.chance(50) {
            format!(" where {}", self.predicate(&sight, 1))
        } else {
            String::new()
        };
        let strict: Vec<Known> = sight.iter().filter(|known| known.kind.is_strict()).cloned().collect();
        if strict.is_empty() {
            return self.plain(&[], None);
        }
        let mut keys: Vec<String> = self.dice.some(&strict, 3).into_iter().map(|known| known.text).collect();
        keys.dedup();
        let all = keys.join(", ");
        let (first, last) = (keys[0].clone(), keys[keys.len() - 1].clone());
        let group = match self.dice.below(7) {
            0 => format!("rollup({all})"),
            1 => format!("cube({all})"),
            2 => format!("grouping sets (({all}), ({first}), ())"),
            3 => format!("grouping sets (({all}), ({last}), ({last}))"),
            4 => format!("grouping sets (rollup({all}), ({last}))"),
            5 => format!("{first}, rollup({all})"),
            _ => format!("distinct rollup({all}), rollup({first})"),
        };
        let mut outputs = keys.clone();
        if self.dice.chance(50) {
            outputs.push(format!("grouping({})", self.dice.pick(&[&all, &first, &last])));
        }
        outputs.push(self.aggregate(&sight));
        if self.dice.chance(25) {
            outputs.push(format!("coalesce({first}::text, 'all')"));
        }
        if self.dice.chance(15) {
            outputs.push("sum(count(*)) over ()".to_owned());
        }
        let having = match self.dice.below(5) {
            0 => format!(" having grouping({first}) = {}", self.dice.below(2)),
            1 => format!(" having count(*) > {}", self.dice.below(4)),
            2 => format!(" having {first} is not null"),
            _ => String::new(),
        };
        let text = format!("select {} from {from}{filter} group by {group}{having}", outputs.join(", "));
        Selected { text, kinds: Vec::new(), ordered: false }
    }

    /// Window functions with all that a frame may have, named windows, and windows over groups.
    fn frames(&mut self) -> Selected {
        let relation = self.relation();
        let alias = self.alias();
        let sight = self.columns(relation, &alias);
        let filter = if self.dice.chance(50) {
            format!(" where {}", self.predicate(&sight, 1))
        } else {
            String::new()
        };
        let strict: Vec<&Known> = sight.iter().filter(|known| known.kind.is_strict()).collect();
        if strict.is_empty() {
            return self.plain(&[], None);
        }
        let from = format!("{} {alias}{filter}", relation.name);
        let key = self.dice.pick(&strict).text.clone();
        if self.dice.chance(25) {
            let aggregate = self.aggregate(&sight);
            let call = match self.dice.below(4) {
                0 => format!("rank() over (order by count(*) desc, {key})"),
                1 => "sum(count(*)) over ()".to_owned(),
                2 => format!("lag(count(*), 1, 0::bigint) over (order by {key})"),
                _ => format!("count(*) over (order by {key} nulls first rows 1 preceding)"),
            };
            let text = format!("select {key}, {aggregate}, {call} from {from} group by {key}");
            return Selected { text, kinds: Vec::new(), ordered: false };
        }
        let numbers: Vec<&Known> = strict.iter().copied().filter(|known| known.kind.is_integer()).collect();
        let order: Vec<&str> = strict.iter().map(|known| known.text.as_str()).collect();
        let partition = if self.dice.chance(50) {
            format!("partition by {} ", self.dice.pick(&strict).text)
        } else {
            String::new()
        };
        let exclude = *self.dice.pick(&[
            "",
            "",
            " exclude current row",
            " exclude group",
            " exclude ties",
            " exclude no others",
        ]);
        let window = match self.dice.below(4) {
            0 if !numbers.is_empty() => format!(
                "{partition}order by {}{} range between {} and {}{exclude}",
                self.dice.pick(&numbers).text,
                self.dice.pick(&["", " desc", " nulls first"]),
                self.dice.pick(&["unbounded preceding", "2 preceding", "current row"]),
                self.dice.pick(&["unbounded following", "1 following", "current row"])
            ),
            1 => format!(
                "{partition}order by {} groups between {} and {}{exclude}",
                key,
                self.dice.pick(&["unbounded preceding", "1 preceding", "current row"]),
                self.dice.pick(&["unbounded following", "1 following", "current row"])
            ),
            _ => format!(
                "{partition}order by {} rows between {} and {}{exclude}",
                order.join(", "),
                self.dice.pick(&["unbounded preceding", "3 preceding", "1 following"]),
                self.dice.pick(&["unbounded following", "2 following"])
            ),
        };
        // What depends on the order of peers is asked only over an order that leaves none.
        let total = window.contains(" rows ");
        let value = self.dice.pick(&strict).text.clone();
        let number = self.leaf(Kind::Int4, &sight);
        let call = match self.dice.below(8) {
            0 if total => format!("nth_value({value}, 2)"),
            1 if total => format!("array_agg({value})"),
            2 if total => format!("{}({value})", self.dice.pick(&["first_value", "last_value"])),
            3 => format!("avg({number})"),
            4 => format!("count(*) filter (where {})", self.predicate(&sight, 1)),
            5 => format!("max({number})"),
            6 => "bool_or(true)".to_owned(),
            _ => format!("sum({number})"),
        };
        let text = match self.dice.below(3) {
            0 => format!(
                "select {key}, {value}, {call} over w, count(*) over w from {from} window w as ({window})"
            ),
            1 if partition.is_empty() => format!(
                "select {key}, {value}, {call} over ({window}), count(*) over (p order by {value}) from {from} window p as (partition by {key})"
            ),
            _ => format!("select {key}, {value}, {call} over ({window}) from {from}"),
        };
        Selected { text, kinds: Vec::new(), ordered: false }
    }

    /// INSERT with ON CONFLICT.
    fn arbiters(&mut self, user: usize) -> Asked {
        for _ in 0..12 {
            let asked = self.write(user);
            if matches!(&asked.way, Way::Sql(text) if text.contains(" on conflict ")) {
                return asked;
            }
        }
        self.write(user)
    }

    /// A call of a function that changes rows.
    fn routine(&mut self, user: usize) -> Asked {
        let Some(routine) =
            (!self.model.routines.is_empty()).then(|| self.dice.pick(&self.model.routines).clone())
        else {
            return self.write(user);
        };
        let asked = |way| Asked { user, way, ordered: false, several_culprits: true, writes: true };
        if self.model.users[user].role != "postgres" && self.dice.chance(30) {
            let members: Vec<String> = routine
                .arguments
                .iter()
                .map(|(name, kind)| match kind {
                    Kind::Int4 => format!("\"{name}\": {}", self.dice.within(1, 6)),
                    _ => format!("\"{name}\": \"x{}\"", self.dice.below(5)),
                })
                .collect();
            let prefer = self.dice.chance(20).then(|| "count=exact".to_owned());
            return asked(Way::Http {
                method: "POST",
                target: format!("/rpc/{}", routine.name),
                prefer,
                body: format!("{{{}}}", members.join(", ")),
            });
        }
        let named = self.dice.chance(25);
        let arguments: Vec<String> = routine
            .arguments
            .iter()
            .map(|(name, kind)| {
                let value = match kind {
                    Kind::Int4 if self.dice.chance(5) => "null".to_owned(),
                    Kind::Int4 => self.dice.within(1, 6).to_string(),
                    _ => quoted(&format!("y{}", self.dice.below(5))),
                };
                if named { format!("{name} => {value}") } else { value }
            })
            .collect();
        let call = format!("{}({})", routine.name, arguments.join(", "));
        let text = match self.dice.below(4) {
            0 => format!("select {call}"),
            1 => format!("select count(*) from {call}"),
            2 => format!("select x.* from {call} x"),
            _ => format!("select * from {call}"),
        };
        asked(Way::Sql(text))
    }
}
