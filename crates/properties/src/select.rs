//! Generates SELECT statements.

use crate::expression::{Generator, Known};
use crate::kind::Kind;

/// A query and what it gives.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    pub(crate) text: String,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) ordered: bool,
}

impl Generator<'_> {
    /// FROM with joins: its text and the columns in sight.
    pub(crate) fn from(&mut self) -> (String, Vec<Known>) {
        let (mut text, mut sight) = self.item(&[]);
        let joins = *self.dice.pick(&[0, 0, 0, 1, 1, 2]);
        for _ in 0..joins {
            let lateral: Vec<Known> = if self.dice.chance(15) { sight.clone() } else { Vec::new() };
            let (item, columns) = self.item(&lateral);
            let pairs: Vec<(&Known, &Known)> = sight
                .iter()
                .flat_map(|left| columns.iter().map(move |right| (left, right)))
                .filter(|(left, right)| left.kind == right.kind && left.kind != Kind::Bool)
                .collect();
            let Some((left, right)) = (!pairs.is_empty()).then(|| *self.dice.pick(&pairs)) else { continue };
            let equal = format!("{} = {}", left.text, right.text);
            let mut both = sight.clone();
            both.extend(columns.iter().cloned());
            let kinds: &[&str] = if lateral.is_empty() {
                &["join", "join", "left join", "left join", "right join", "full join"]
            } else {
                &["join", "left join"]
            };
            let kind = *self.dice.pick(kinds);
            let more = if kind != "full join" && self.dice.chance(30) {
                format!(" and {}", self.predicate(&both, 1))
            } else {
                String::new()
            };
            text += &format!(" {kind} {item} on {equal}{more}");
            sight = both;
        }
        (text, sight)
    }

    /// A table, view, sub-query or function.
    fn item(&mut self, lateral: &[Known]) -> (String, Vec<Known>) {
        let alias = self.alias();
        match self.dice.below(12) {
            0 => {
                let text = format!("generate_series(1, {}) {alias}(n)", self.dice.within(1, 4));
                (text, vec![Known::new(format!("{alias}.n"), Kind::Int4)])
            }
            1 if self.nesting > 0 => {
                self.nesting -= 1;
                let selected = self.plain(lateral, None);
                self.nesting += 1;
                let names: Vec<String> = (1..=selected.kinds.len()).map(|at| format!("x{at}")).collect();
                let columns = names.iter().zip(&selected.kinds);
                let columns =
                    columns.map(|(name, kind)| Known::new(format!("{alias}.{name}"), *kind)).collect();
                let word = if lateral.is_empty() { "" } else { "lateral " };
                (format!("{word}({}) {alias}({})", selected.text, names.join(", ")), columns)
            }
            2 => {
                let kind = *self.dice.pick(&[Kind::Int4, Kind::Text, Kind::Enum, Kind::Date]);
                let values: Vec<String> = (0..self.dice.within(1, 4))
                    .map(|_| format!("({})", kind.literal(self.dice, &self.model.labels)))
                    .collect();
                let text = format!("(values {}) {alias}(v)", values.join(", "));
                (text, vec![Known::new(format!("{alias}.v"), kind)])
            }
            3 if self.dice.chance(50) => {
                (format!("my_teams() {alias}(team)"), vec![Known::new(format!("{alias}.team"), Kind::Int4)])
            }
            _ => {
                let relation = self.relation();
                let columns = self.columns(relation, &alias);
                (format!("{} {alias}", relation.name), columns)
            }
        }
    }

    fn filter(&mut self, sight: &[Known]) -> String {
        if self.dice.chance(70) { format!(" where {}", self.predicate(sight, 2)) } else { String::new() }
    }

    /// SELECT without ORDER BY, of given types or any.
    pub(crate) fn plain(&mut self, outer: &[Known], wanted: Option<&[Kind]>) -> Selected {
        let (from, sight) = self.from();
        let mut all = sight.clone();
        all.extend_from_slice(outer);
        let filter = self.filter(&all);
        let kinds: Vec<Kind> = match wanted {
            Some(kinds) => kinds.to_vec(),
            None => (0..self.dice.within(1, 4)).map(|_| self.kind(&sight)).collect(),
        };
        let values: Vec<String> = kinds.iter().map(|kind| self.value(*kind, &all, 2)).collect();
        let text = format!("select {} from {from}{filter}", values.join(", "));
        Selected { text, kinds, ordered: false }
    }

    fn strict_kinds(&mut self, sight: &[Known]) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for _ in 0..self.dice.within(1, 3) {
            let kind = self.kind(sight);
            kinds.push(if kind.is_strict() { kind } else { Kind::Int4 });
        }
        kinds
    }

    /// ORDER BY all output columns, so that there is one order.
    fn order(&mut self, columns: usize) -> String {
        let terms: Vec<String> = (1..=columns)
            .map(|at| {
                format!("{at}{}", self.dice.pick(&["", "", " desc", " asc nulls first", " desc nulls last"]))
            })
            .collect();
        format!(" order by {}", terms.join(", "))
    }

    fn limit(&mut self) -> String {
        match self.dice.below(5) {
            0 | 1 => format!(" limit {}", self.dice.below(8)),
            2 => format!(" limit {} offset {}", self.dice.within(1, 6), self.dice.below(5)),
            3 => format!(" offset {}", self.dice.below(9)),
            _ => String::new(),
        }
    }

    /// One SELECT of any form.
    pub(crate) fn select(&mut self) -> Selected {
        match self.dice.below(14) {
            0..=3 => {
                let mut selected = self.plain(&[], None);
                if self.dice.chance(40) && selected.kinds.iter().all(|kind| kind.is_strict()) {
                    selected.text += &self.order(selected.kinds.len());
                    selected.text += &self.limit();
                    selected.ordered = true;
                }
                selected
            }
            4..=6 => self.grouped(),
            7 | 8 => self.windowed(),
            9 | 10 => self.set_operation(),
            11 => self.with(),
            12 => self.distinct(),
            _ => self.whole(),
        }
    }

    /// All rows' columns with `*`.
    fn whole(&mut self) -> Selected {
        let relation = self.relation();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let filter = self.filter(&columns);
        let what = match self.dice.below(4) {
            0 => "*".to_owned(),
            1 => format!("{alias}.*"),
            2 => "count(*)".to_owned(),
            _ => format!("to_jsonb({alias})"),
        };
        Selected {
            text: format!("select {what} from {} {alias}{filter}", relation.name),
            kinds: Vec::new(),
            ordered: false,
        }
    }

    pub(crate) fn aggregate(&mut self, sight: &[Known]) -> String {
        let filter = if self.dice.chance(20) {
            format!(" filter (where {})", self.predicate(sight, 1))
        } else {
            String::new()
        };
        let call = match self.dice.below(14) {
            0 | 1 => "count(*)".to_owned(),
            2 => {
                let kind = self.kind(sight);
                let kind = if kind == Kind::Jsonb { Kind::Text } else { kind };
                format!("count(distinct {})", self.leaf(kind, sight))
            }
            3 => {
                let kind = *self.dice.pick(&[Kind::Int2, Kind::Int4, Kind::Int8, Kind::Numeric]);
                format!("sum({})", self.value(kind, sight, 1))
            }
            4 => {
                let kind = *self.dice.pick(&[Kind::Int4, Kind::Int8, Kind::Numeric]);
                format!("avg({})", self.value(kind, sight, 1))
            }
            5 => {
                let kind = self.kind(sight);
                let kind = if kind.has_extremes() && kind.is_strict() { kind } else { Kind::Int4 };
                let function = *self.dice.pick(&["min", "max"]);
                format!("{function}({})", self.value(kind, sight, 1))
            }
            6 => {
                let value = self.value(Kind::Text, sight, 1);
                format!("string_agg({value}, '|' order by {value})")
            }
            7 => {
                let kind = *self.dice.pick(&[Kind::Int4, Kind::Text, Kind::Date, Kind::Uuid]);
                let value = self.value(kind, sight, 1);
                let order = *self.dice.pick(&["", " desc", " nulls first"]);
                format!("array_agg({value} order by {value}{order})")
            }
            8 => {
                let function = *self.dice.pick(&["bool_and", "bool_or"]);
                format!("{function}({})", self.predicate(sight, 1))
            }
            9 => {
                let value = self.value(Kind::Int4, sight, 1);
                format!("jsonb_agg({value} order by {value})")
            }
            10 => {
                let value = self.value(Kind::Text, sight, 1);
                format!("jsonb_object_agg(coalesce({value}, '-'), 1)")
            }
            11 => format!("sum(distinct {})", self.leaf(Kind::Int4, sight)),
            12 => {
                let function = *self.dice.pick(&["stddev", "variance", "var_pop"]);
                format!("{function}({})", self.leaf(Kind::Int4, sight))
            }
            _ => format!("count({})", self.leaf(Kind::Int4, sight)),
        };
        call + &filter
    }

    fn grouped(&mut self) -> Selected {
        let (from, sight) = self.from();
        let filter = self.filter(&sight);
        let kinds = if self.dice.chance(75) { self.strict_kinds(&sight) } else { Vec::new() };
        let keys: Vec<String> = kinds
            .iter()
            .map(|kind| {
                let depth = usize::from(self.dice.chance(30));
                let value = self.value(*kind, &sight, depth);
                // A number alone would be an output column's place, and a literal no key.
                if sight.iter().any(|known| value.contains(&known.text)) {
                    value
                } else {
                    sight[0].text.clone()
                }
            })
            .collect();
        let mut outputs = keys.clone();
        for _ in 0..self.dice.within(1, 3) {
            outputs.push(self.aggregate(&sight));
        }
        let group = if keys.is_empty() { String::new() } else { format!(" group by {}", keys.join(", ")) };
        let having = if self.dice.chance(25) {
            let aggregate = self.aggregate(&sight);
            format!(
                " having {aggregate} is not null and count(*) {} {}",
                self.dice.pick(&[">", "<", ">="]),
                self.dice.below(5)
            )
        } else {
            String::new()
        };
        let text = format!("select {} from {from}{filter}{group}{having}", outputs.join(", "));
        Selected { text, kinds: Vec::new(), ordered: false }
    }

    fn windowed(&mut self) -> Selected {
        let (from, sight) = self.from();
        let filter = self.filter(&sight);
        // Every column is in the order, so that peers are equal rows.
        let strict: Vec<&Known> = sight.iter().filter(|known| known.kind.is_strict()).collect();
        let order: Vec<String> = strict
            .iter()
            .map(|known| format!("{}{}", known.text, self.dice.pick(&["", " desc", " nulls first"])))
            .collect();
        if order.is_empty() {
            return self.plain(&[], None);
        }
        let first = strict[0].text.clone();
        let partition = if self.dice.chance(60) {
            format!("partition by {} ", self.dice.pick(&strict).text)
        } else {
            String::new()
        };
        let window = format!("({partition}order by {})", order.join(", "));
        let partial = order[self.dice.below(order.len())].clone();
        let framed = format!(
            "({partition}order by {} {} between {} and {})",
            order.join(", "),
            self.dice.pick(&["rows", "groups"]),
            self.dice.pick(&["unbounded preceding", "1 preceding", "current row"]),
            self.dice.pick(&["unbounded following", "2 following", "current row"])
        );
        let number = self.leaf(Kind::Int4, &sight);
        let call = match self.dice.below(9) {
            0 => format!("row_number() over {window}"),
            1 => format!(
                "{}() over ({partition}order by {partial})",
                self.dice.pick(&["rank", "dense_rank", "percent_rank", "cume_dist"])
            ),
            2 => format!("lag({first}) over {window}"),
            3 => format!("lead({first}, 2) over {window}"),
            4 => format!("sum({number}) over {framed}"),
            5 => format!("count(*) over ({partition})"),
            6 => format!("{}({first}) over {framed}", self.dice.pick(&["first_value", "last_value"])),
            7 => format!("ntile({}) over {window}", self.dice.within(1, 4)),
            _ => format!("sum({number}) over ({partition}order by {partial})"),
        };
        let mut outputs: Vec<String> = strict.iter().map(|known| known.text.clone()).collect();
        outputs.truncate(5);
        outputs.push(call);
        Selected {
            text: format!("select {} from {from}{filter}", outputs.join(", ")),
            kinds: Vec::new(),
            ordered: false,
        }
    }

    fn set_operation(&mut self) -> Selected {
        let sight: Vec<Known> = Vec::new();
        let mut kinds = self.strict_kinds(&sight);
        kinds.truncate(2);
        let first = self.plain(&[], Some(&kinds));
        let second = self.plain(&[], Some(&kinds));
        let word =
            *self.dice.pick(&["union", "union all", "intersect", "except", "intersect all", "except all"]);
        let mut text = format!("{} {word} {}", first.text, second.text);
        if self.dice.chance(20) {
            let third = self.plain(&[], Some(&kinds));
            text = format!("({text}) {} {}", self.dice.pick(&["union", "except"]), third.text);
        }
        let ordered = self.dice.chance(50);
        if ordered {
            text += &self.order(kinds.len());
            text += &self.limit();
        }
        Selected { text, kinds, ordered }
    }

    fn with(&mut self) -> Selected {
        let first = self.plain(&[], None);
        let names: Vec<String> = (1..=first.kinds.len()).map(|at| format!("x{at}")).collect();
        let alias = self.alias();
        let columns: Vec<Known> = names
            .iter()
            .zip(&first.kinds)
            .map(|(name, kind)| Known::new(format!("{alias}.{name}"), *kind))
            .collect();
        let filter = self.filter(&columns);
        let kind = columns[0].kind;
        let value = self.value(kind, &columns, 1);
        let word = *self.dice.pick(&["", "", "materialized ", "not materialized "]);
        let text = match self.dice.below(4) {
            0 => format!(
                "with w({0}) as {word}({1}) select count(*), (select count(*) from w) from w {alias}{filter}",
                names.join(", "),
                first.text
            ),
            1 => format!(
                "with recursive w(n) as (select {} union all select n + 1 from w where n < {}) select w.n, count({alias}.x1) from w left join ({}) {alias}({}) on true group by w.n",
                self.dice.below(3),
                self.dice.within(2, 6),
                first.text,
                names.join(", ")
            ),
            _ => format!(
                "with w({}) as {word}({}) select {value} from w {alias}{filter}",
                names.join(", "),
                first.text
            ),
        };
        Selected { text, kinds: vec![kind], ordered: false }
    }

    fn distinct(&mut self) -> Selected {
        let (from, sight) = self.from();
        let filter = self.filter(&sight);
        let kinds = self.strict_kinds(&sight);
        let values: Vec<String> = kinds.iter().map(|kind| self.value(*kind, &sight, 1)).collect();
        let strict: Vec<&Known> = sight.iter().filter(|known| known.kind.is_strict()).collect();
        if self.dice.chance(40) && !strict.is_empty() {
            let first = self.dice.pick(&strict).text.clone();
            let order: Vec<&str> = strict.iter().map(|known| known.text.as_str()).collect();
            let text = format!(
                "select distinct on ({first}) {} from {from}{filter} order by {first}{}, {}",
                order.join(", "),
                self.dice.pick(&["", " desc"]),
                order.join(", ")
            );
            return Selected { text, kinds: Vec::new(), ordered: true };
        }
        let mut text = format!("select distinct {} from {from}{filter}", values.join(", "));
        let ordered = self.dice.chance(50);
        if ordered {
            text += &self.order(kinds.len());
            text += &self.limit();
        }
        Selected { text, kinds, ordered }
    }
}
