//! Generates expressions of a wanted type over known columns. They raise no error for any row, so that the order in which an
//! engine meets rows and terms cannot be seen; what raises errors is generated apart ([`crate::query`]).

use crate::dice::Dice;
use crate::kind::{KINDS, Kind, quoted};
use crate::model::{Model, Relation, User};

/// A column that an expression may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// How it is written.
    pub text: String,
    /// Its type.
    pub kind: Kind,
}

impl Known {
    /// A column.
    pub fn new(text: impl Into<String>, kind: Kind) -> Known {
        Known { text: text.into(), kind }
    }
}

/// What generates.
pub struct Generator<'a> {
    pub(crate) model: &'a Model,
    pub(crate) dice: &'a mut Dice,
    pub(crate) role: usize,
    pub(crate) aliases: usize,
    /// Sub-queries may be nested so deep.
    pub(crate) nesting: usize,
    /// Relations that sub-queries may read, below this number.
    pub(crate) readable: usize,
    /// Whether sub-queries and functions that read may be used.
    pub(crate) mentions_sets: bool,
}

impl<'a> Generator<'a> {
    /// For a role.
    pub fn new(model: &'a Model, dice: &'a mut Dice, role: &'static str) -> Generator<'a> {
        let role = User { role, claims: None }.role_number();
        let readable = model.relations.len();
        Generator { model, dice, role, aliases: 0, nesting: 2, readable, mentions_sets: true }
    }

    /// A fresh alias.
    pub(crate) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("a{}", self.aliases)
    }

    /// A relation that the role may read, most of the time.
    pub(crate) fn relation(&mut self) -> &'a Relation {
        for _ in 0..8 {
            let relation = &self.model.relations[self.dice.below(self.readable.max(1))];
            if !relation.rights[self.role].select.is_empty() {
                return relation;
            }
        }
        &self.model.relations[0]
    }

    /// A table: in a view the planner may ask a condition of rows that a join leaves out.
    pub(crate) fn table(&mut self) -> &'a Relation {
        for _ in 0..20 {
            let relation = self.relation();
            if !relation.view {
                return relation;
            }
        }
        &self.model.relations[0]
    }

    /// The columns of a relation under an alias: those that the role may read, rarely all.
    pub(crate) fn columns(&mut self, relation: &Relation, alias: &str) -> Vec<Known> {
        let all = self.dice.chance(3);
        let readable = relation.columns.iter().enumerate();
        let readable = readable.filter(|(at, _)| all || relation.rights[self.role].select.contains(at));
        let named = |name: &str| if alias.is_empty() { name.to_owned() } else { format!("{alias}.{name}") };
        let found: Vec<Known> =
            readable.map(|(_, column)| Known::new(named(&column.name), column.kind)).collect();
        if found.is_empty() {
            return vec![Known::new(named(&relation.columns[0].name), relation.columns[0].kind)];
        }
        found
    }

    fn literal(&mut self, kind: Kind) -> String {
        kind.literal(self.dice, &self.model.labels)
    }

    pub(crate) fn column(&mut self, kind: Kind, scope: &[Known]) -> Option<String> {
        let fitting: Vec<&Known> = scope.iter().filter(|known| known.kind == kind).collect();
        (!fitting.is_empty()).then(|| self.dice.pick(&fitting).text.clone())
    }

    /// The type of some column in sight, or any.
    pub(crate) fn kind(&mut self, scope: &[Known]) -> Kind {
        if scope.is_empty() { *self.dice.pick(KINDS) } else { self.dice.pick(scope).kind }
    }

    /// A column, if there is any: a condition on literals alone is decided, with its errors, before any privilege is asked.
    fn subject(&mut self, kind: Kind, scope: &[Known]) -> String {
        match self.column(kind, scope) {
            Some(column) => column,
            None => self.leaf(kind, scope),
        }
    }

    /// A column or a literal.
    pub(crate) fn leaf(&mut self, kind: Kind, scope: &[Known]) -> String {
        match self.column(kind, scope) {
            Some(column) if self.dice.chance(75) => column,
            _ if self.dice.chance(5) => format!("null::{}", kind.name()),
            _ => self.literal(kind),
        }
    }

    /// An expression.
    pub fn value(&mut self, kind: Kind, scope: &[Known], depth: usize) -> String {
        if depth == 0 || self.dice.chance(30) {
            return self.leaf(kind, scope);
        }
        let deeper = depth - 1;
        match self.dice.below(12) {
            0 => {
                let (first, second) = (self.value(kind, scope, deeper), self.value(kind, scope, deeper));
                format!("coalesce({first}, {second})")
            }
            1 => {
                let condition = self.predicate(scope, deeper);
                let (first, second) = (self.value(kind, scope, deeper), self.leaf(kind, scope));
                match self.dice.below(2) {
                    0 => format!("case when {condition} then {first} else {second} end"),
                    _ => format!("case when {condition} then {first} end"),
                }
            }
            2 if kind != Kind::Jsonb => {
                let tested = self.kind(scope);
                let (subject, first, second) =
                    (self.leaf(tested, scope), self.leaf(kind, scope), self.leaf(kind, scope));
                let when = tested.literal(self.dice, &self.model.labels);
                format!("case {subject} when {when} then {first} else {second} end")
            }
            3 => {
                let (first, second) = (self.value(kind, scope, deeper), self.leaf(kind, scope));
                format!("nullif({first}, {second})")
            }
            4 if self.mentions_sets && self.nesting > 0 => self.scalar_query(kind, scope),
            5 if kind.has_extremes() || kind == Kind::Uuid => {
                let function = *self.dice.pick(&["greatest", "least"]);
                let (first, second) = (self.leaf(kind, scope), self.leaf(kind, scope));
                format!("{function}({first}, {second})")
            }
            _ => self.own(kind, scope, deeper),
        }
    }

    /// What only this type has.
    fn own(&mut self, kind: Kind, scope: &[Known], depth: usize) -> String {
        let which = self.dice.below(10);
        match kind {
            Kind::Bool => format!("({})", self.predicate(scope, depth)),
            Kind::Int2 => format!("abs({})", self.leaf(Kind::Int2, scope)),
            Kind::Int4 => self.integer(scope, depth, which),
            Kind::Int8 => match which {
                0..=3 => format!("({} + {})", self.leaf(Kind::Int8, scope), self.leaf(Kind::Int4, scope)),
                4 => format!("({} - 1)", self.leaf(Kind::Int8, scope)),
                5 => format!("{}::bigint", self.value(Kind::Int4, scope, depth)),
                6 => format!("({} * 3)", self.leaf(Kind::Int8, scope)),
                7 => format!("({} % 5)", self.leaf(Kind::Int8, scope)),
                _ => format!("(-{})", self.leaf(Kind::Int8, scope)),
            },
            Kind::Text => self.text(scope, depth, which),
            Kind::Varchar | Kind::Char => {
                format!("{}::{}", self.value(Kind::Text, scope, depth), kind.name())
            }
            Kind::Numeric => match which {
                0 => format!("({} + {})", self.leaf(Kind::Numeric, scope), self.leaf(Kind::Int4, scope)),
                1 => format!("({} * {})", self.leaf(Kind::Numeric, scope), self.leaf(Kind::Int4, scope)),
                2 => format!("round({}, {})", self.leaf(Kind::Numeric, scope), self.dice.below(4)),
                3 => format!("({} / 4)", self.leaf(Kind::Numeric, scope)),
                4 => format!("({}::numeric / 7)", self.leaf(Kind::Int4, scope)),
                5 => format!("abs({})", self.leaf(Kind::Numeric, scope)),
                6 => format!("trunc({})", self.leaf(Kind::Numeric, scope)),
                7 => format!("({} % 3)", self.leaf(Kind::Numeric, scope)),
                _ => format!("(0.50 + {})", self.leaf(Kind::Int8, scope)),
            },
            Kind::Float8 => match which {
                0..=2 => format!("({} + {})", self.leaf(Kind::Float8, scope), self.leaf(Kind::Int4, scope)),
                3 => format!("sqrt(abs({}))", self.leaf(Kind::Float8, scope)),
                4 => format!("({} / 2)", self.leaf(Kind::Float8, scope)),
                5 => format!("{}::float8", self.leaf(Kind::Numeric, scope)),
                6 => format!("floor({})", self.leaf(Kind::Float8, scope)),
                7 => format!("round({})", self.leaf(Kind::Float8, scope)),
                _ => format!("extract(epoch from {})::float8", self.leaf(Kind::Interval, scope)),
            },
            Kind::Uuid => (*self.dice.pick(&["auth.uid()", "(select auth.uid())"])).to_owned(),
            Kind::Timestamptz => {
                let unit = *self.dice.pick(&["day", "hour", "month", "year", "minute", "week", "quarter"]);
                match which {
                    0..=2 => format!("date_trunc('{unit}', {})", self.leaf(kind, scope)),
                    3 | 4 => format!("({} + '3 days 02:00'::interval)", self.leaf(kind, scope)),
                    5 => format!("({} at time zone 'Europe/Berlin')", self.leaf(Kind::Timestamp, scope)),
                    6 => format!("{}::timestamptz", self.leaf(Kind::Timestamp, scope)),
                    _ => format!("({} - '1 mon'::interval)", self.leaf(kind, scope)),
                }
            }
            Kind::Timestamp => match which {
                0..=2 => format!("date_trunc('month', {})", self.leaf(kind, scope)),
                3 | 4 => format!("({} + '1 mon 1 day'::interval)", self.leaf(kind, scope)),
                5 | 6 => format!("({} at time zone 'America/New_York')", self.leaf(Kind::Timestamptz, scope)),
                _ => format!("{}::timestamp", self.leaf(Kind::Date, scope)),
            },
            Kind::Date => match which {
                0..=2 => format!("({} + {})", self.leaf(kind, scope), self.dice.below(40)),
                3 | 4 => format!("{}::date", self.leaf(Kind::Timestamp, scope)),
                5 => format!("{}::date", self.leaf(Kind::Timestamptz, scope)),
                _ => format!("({} - 1)", self.leaf(kind, scope)),
            },
            Kind::Time => match which {
                0..=4 => format!("({} + '01:30'::interval)", self.leaf(kind, scope)),
                _ => format!("{}::time", self.literal(Kind::Interval)),
            },
            Kind::Interval => match which {
                0..=3 => format!("({} + '1 day'::interval)", self.leaf(kind, scope)),
                4 => format!("({} * 2)", self.leaf(kind, scope)),
                5 => format!("(-{})", self.leaf(kind, scope)),
                6 => format!("({} - {})", self.leaf(Kind::Time, scope), self.leaf(Kind::Time, scope)),
                _ => format!("justify_hours({})", self.leaf(kind, scope)),
            },
            Kind::Jsonb => self.document(scope, depth, which),
            Kind::TextArray => match which {
                0..=2 => {
                    format!("array_append({}, {})", self.leaf(kind, scope), self.leaf(Kind::Text, scope))
                }
                3 | 4 => format!("({} || {})", self.leaf(kind, scope), self.leaf(kind, scope)),
                5 => format!("string_to_array({}, ',')", self.leaf(Kind::Text, scope)),
                6 => format!("array_remove({}, 'a')", self.leaf(kind, scope)),
                _ => format!(
                    "array[{}, {}]",
                    self.value(Kind::Text, scope, depth),
                    self.leaf(Kind::Text, scope)
                ),
            },
            Kind::IntArray => match which {
                0..=2 => {
                    format!("array_append({}, {})", self.leaf(kind, scope), self.leaf(Kind::Int4, scope))
                }
                3 | 4 => format!("({} || {})", self.leaf(kind, scope), self.leaf(kind, scope)),
                5 => format!("({})[1:2]", self.leaf(kind, scope)),
                _ => format!(
                    "array[{}, {}]",
                    self.value(Kind::Int4, scope, depth),
                    self.leaf(Kind::Int4, scope)
                ),
            },
            Kind::Enum => self.leaf(Kind::Enum, scope),
            Kind::Bytea => match which {
                0..=4 => format!("({} || {})", self.leaf(kind, scope), self.leaf(kind, scope)),
                _ => format!("convert_to({}, 'UTF8')", self.leaf(Kind::Text, scope)),
            },
        }
    }

    fn integer(&mut self, scope: &[Known], depth: usize, which: usize) -> String {
        match which {
            0 => format!("({} + {})", self.value(Kind::Int4, scope, depth), self.leaf(Kind::Int4, scope)),
            1 => format!("({} - {})", self.leaf(Kind::Int4, scope), self.leaf(Kind::Int2, scope)),
            2 => format!("({} * 2)", self.leaf(Kind::Int4, scope)),
            3 => format!("length({})", self.value(Kind::Text, scope, depth)),
            4 => format!("({} / 3)", self.leaf(Kind::Int4, scope)),
            5 => format!("({} % 4)", self.leaf(Kind::Int4, scope)),
            6 => format!("({})::integer", self.predicate(scope, depth)),
            7 => {
                let field = *self.dice.pick(&["year", "month", "dow", "hour", "doy", "week"]);
                format!(
                    "extract({field} from {})::integer",
                    self.literal(Kind::Timestamptz)
                        .replace("-infinity", "2023-12-31")
                        .replace("infinity", "2024-05-06")
                )
            }
            8 => match self.dice.below(4) {
                0 => format!("cardinality({})", self.leaf(Kind::TextArray, scope)),
                1 => format!("array_length({}, 1)", self.leaf(Kind::IntArray, scope)),
                2 => format!("position('a' in {})", self.leaf(Kind::Text, scope)),
                _ => format!("octet_length({})", self.leaf(Kind::Bytea, scope)),
            },
            _ if self.mentions_sets => match self.dice.below(3) {
                0 => format!("twice({})", self.leaf(Kind::Int4, scope)),
                1 => format!("my_level({})", self.leaf(Kind::Int4, scope)),
                _ => format!("my_level({}, low => 0)", self.leaf(Kind::Int4, scope)),
            },
            _ => format!("abs({})", self.leaf(Kind::Int4, scope)),
        }
    }

    fn text(&mut self, scope: &[Known], depth: usize, which: usize) -> String {
        let value = self.value(Kind::Text, scope, depth);
        match which {
            0 => format!("({value} || {})", self.leaf(Kind::Text, scope)),
            1 => format!(
                "{}({value})",
                self.dice.pick(&["upper", "lower", "initcap", "reverse", "md5", "btrim", "ltrim"])
            ),
            2 => format!("substr({value}, {}, {})", self.dice.below(4), self.dice.below(5)),
            3 => format!("replace({value}, 'a', {})", self.literal(Kind::Text)),
            4 => {
                format!("{}({value}, {})", self.dice.pick(&["left", "right"]), self.dice.below(6) as i64 - 2)
            }
            5 | 6 => {
                let kind = self.kind(scope);
                format!("({})::text", self.leaf(kind, scope))
            }
            7 => {
                let kind = self.kind(scope);
                format!(
                    "concat_ws('/', {value}, {}, {})",
                    self.leaf(kind, scope),
                    self.leaf(Kind::Int4, scope)
                )
            }
            8 => match self.dice.below(6) {
                0 => format!("split_part({value}, ',', {})", self.dice.within(1, 2)),
                1 => format!("lpad({value}, {}, 'xy')", self.dice.below(7)),
                2 => format!("translate({value}, 'abé', 'AB')"),
                3 => format!("array_to_string({}, '-', '?')", self.leaf(Kind::TextArray, scope)),
                4 => format!("format('%s|%s', {value}, {})", self.leaf(Kind::Int4, scope)),
                _ => format!("regexp_replace({value}, '[a-c]+', '<\\&>')"),
            },
            _ => match self.dice.below(5) {
                0 => format!("({} ->> 'a')", self.leaf(Kind::Jsonb, scope)),
                1 => format!("({} #>> '{{a,b}}')", self.leaf(Kind::Jsonb, scope)),
                2 => format!("to_char({}, 'YYYY-MM-DD HH24:MI')", self.leaf(Kind::Timestamptz, scope)),
                3 => "(auth.jwt() ->> 'team')".to_owned(),
                _ => format!("label({value}, {})", self.leaf(Kind::Int4, scope)),
            },
        }
    }

    fn document(&mut self, scope: &[Known], depth: usize, which: usize) -> String {
        match which {
            0 | 1 => {
                let kind = self.kind(scope);
                format!("to_jsonb({})", self.leaf(kind, scope))
            }
            2 | 3 => {
                let kind = self.kind(scope);
                let value = self.leaf(kind, scope);
                format!("jsonb_build_object('k', {value}, 'n', {})", self.value(Kind::Int4, scope, depth))
            }
            4 => format!("({} -> 'a')", self.leaf(Kind::Jsonb, scope)),
            5 => format!("({} || '{{\"z\": 1}}')", self.leaf(Kind::Jsonb, scope)),
            6 => format!("({} -> 0)", self.leaf(Kind::Jsonb, scope)),
            7 => format!(
                "jsonb_build_array({}, {})",
                self.leaf(Kind::Text, scope),
                self.leaf(Kind::Bool, scope)
            ),
            8 => format!("jsonb_strip_nulls({})", self.leaf(Kind::Jsonb, scope)),
            _ => format!("({} #> '{{a}}')", self.leaf(Kind::Jsonb, scope)),
        }
    }

    /// `(select …)` of one row at most.
    fn scalar_query(&mut self, kind: Kind, scope: &[Known]) -> String {
        self.nesting -= 1;
        let relation = self.relation();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let mut sight = columns.clone();
        sight.extend_from_slice(scope);
        let found = self.column(kind, &columns);
        let filter = self.predicate(&sight, 1);
        let text = match (kind, found) {
            (Kind::Int8, _) => match self.dice.below(2) {
                0 => format!("(select count(*) from {} {alias} where {filter})", relation.name),
                _ => {
                    let summed = self.leaf(Kind::Int4, &columns);
                    format!("(select sum({summed}) from {} {alias} where {filter})", relation.name)
                }
            },
            (Kind::Bool, _) => {
                let inner = self.predicate(&columns, 1);
                let function = *self.dice.pick(&["bool_and", "bool_or", "every"]);
                format!("(select {function}({inner}) from {} {alias} where {filter})", relation.name)
            }
            (Kind::Text, Some(column)) if !relation.key.is_empty() && self.dice.chance(30) => {
                format!(
                    "(select string_agg({column}, ',' order by {column}) from {} {alias} where {filter})",
                    relation.name
                )
            }
            (_, Some(column)) if kind.has_extremes() => {
                let function = *self.dice.pick(&["max", "min"]);
                let cast = match kind {
                    Kind::Varchar | Kind::Char => format!("::{}", kind.name()),
                    _ => String::new(),
                };
                format!("(select {function}({column}){cast} from {} {alias} where {filter})", relation.name)
            }
            (_, Some(column)) => {
                let order: Vec<&str> = columns.iter().map(|known| known.text.as_str()).collect();
                format!(
                    "(select {column} from {} {alias} where {filter} order by {column}, {} limit 1)",
                    relation.name,
                    order.join(", ")
                )
            }
            (_, None) => format!("(select {})", self.leaf(kind, scope)),
        };
        self.nesting += 1;
        text
    }

    /// A condition.
    pub fn predicate(&mut self, scope: &[Known], depth: usize) -> String {
        if depth > 0 && self.dice.chance(35) {
            let deeper = depth - 1;
            let (first, second) = (self.predicate(scope, deeper), self.predicate(scope, deeper));
            return match self.dice.below(5) {
                0 | 1 => format!("({first} and {second})"),
                2 | 3 => format!("({first} or {second})"),
                _ => format!("not ({first})"),
            };
        }
        if self.mentions_sets && self.nesting > 0 && depth > 0 && self.dice.chance(20) {
            return self.set_predicate(scope);
        }
        let kind = self.kind(scope);
        let deeper = depth.saturating_sub(1);
        match self.dice.below(14) {
            0 => {
                let subject = self.subject(kind, scope);
                format!("{subject} is {}null", if self.dice.chance(50) { "not " } else { "" })
            }
            1 => {
                let (first, second) = (self.subject(kind, scope), self.leaf(kind, scope));
                format!("{first} is {}distinct from {second}", if self.dice.chance(50) { "not " } else { "" })
            }
            2 => {
                let subject = self.value(kind, scope, deeper);
                let list: Vec<String> =
                    (0..self.dice.within(1, 4)).map(|_| kind.bare(self.dice, &self.model.labels)).collect();
                format!(
                    "{subject} {}in ({})",
                    if self.dice.chance(25) { "not " } else { "" },
                    list.join(", ")
                )
            }
            3 => {
                let (subject, low, high) =
                    (self.subject(kind, scope), self.leaf(kind, scope), self.leaf(kind, scope));
                let how = *self.dice.pick(&["", "", "not ", "symmetric "]);
                match how {
                    "symmetric " => format!("{subject} between symmetric {low} and {high}"),
                    how => format!("{subject} {how}between {low} and {high}"),
                }
            }
            4 => self.matching(scope, deeper),
            5 => self.of_parts(scope),
            6 => {
                let (one, two) = (
                    *self.dice.pick(&[Kind::Int2, Kind::Int4, Kind::Int8, Kind::Numeric, Kind::Float8]),
                    *self.dice.pick(&[Kind::Int2, Kind::Int4, Kind::Int8, Kind::Numeric]),
                );
                let one = if scope.iter().any(|known| known.kind == one) { one } else { Kind::Int4 };
                let (first, second) = (self.subject(one, scope), self.leaf(two, scope));
                format!("{first} {} {second}", self.comparison())
            }
            7 => {
                let subject = match self.column(Kind::Bool, scope) {
                    Some(column) => column,
                    None => format!("({} is null)", self.subject(kind, scope)),
                };
                match self.dice.below(4) {
                    0 => subject,
                    1 => format!("{subject} is not true"),
                    2 => format!("{subject} is false"),
                    _ => format!("not {subject}"),
                }
            }
            8 => {
                let (one, two) = (self.kind(scope), self.kind(scope));
                let left = format!("({}, {})", self.subject(one, scope), self.leaf(two, scope));
                let right = format!("({}, {})", self.leaf(one, scope), self.leaf(two, scope));
                format!("{left} {} {right}", self.comparison())
            }
            _ => {
                let first =
                    if deeper == 0 { self.subject(kind, scope) } else { self.value(kind, scope, deeper) };
                let second = if self.dice.chance(40) {
                    kind.bare(self.dice, &self.model.labels)
                } else {
                    self.value(kind, scope, deeper)
                };
                format!("{first} {} {second}", self.comparison())
            }
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.dice.word(&["=", "=", "=", "<>", "<", "<=", ">", ">=", "!="])
    }

    fn matching(&mut self, scope: &[Known], depth: usize) -> String {
        let subject = self.value(Kind::Text, scope, depth);
        let patterns = ["a%", "%b", "_", "%", "a\\_%", "É%", "%é%", "", "a", "100\\%", "%\\\\%", "AB%"];
        let pattern = quoted(self.dice.word(&patterns));
        match self.dice.below(7) {
            0..=2 => format!("{subject} like {pattern}"),
            3 => format!("{subject} ilike {pattern}"),
            4 => format!("{subject} not like {pattern}"),
            5 => format!(
                "{subject} ~ {}",
                quoted(self.dice.word(&["^a", "b$", "[0-9]+", "^\\w$", "a|é", "."]))
            ),
            _ => format!("{subject} ~* {}", quoted(self.dice.word(&["^A", "B$", "É"]))),
        }
    }

    /// Arrays and documents.
    fn of_parts(&mut self, scope: &[Known]) -> String {
        match self.dice.below(9) {
            0 => format!("{} = any ({})", self.leaf(Kind::Text, scope), self.leaf(Kind::TextArray, scope)),
            1 => format!("{} = any ({})", self.leaf(Kind::Int4, scope), self.leaf(Kind::IntArray, scope)),
            2 => format!("{} <> all ({})", self.leaf(Kind::Int4, scope), self.leaf(Kind::IntArray, scope)),
            3 => format!("{} @> {}", self.leaf(Kind::IntArray, scope), self.literal(Kind::IntArray)),
            4 => format!("{} && {}", self.leaf(Kind::TextArray, scope), self.leaf(Kind::TextArray, scope)),
            5 => format!("{} @> {}", self.leaf(Kind::Jsonb, scope), self.literal(Kind::Jsonb)),
            6 => format!("{} ? 'a'", self.leaf(Kind::Jsonb, scope)),
            7 => format!("{} ->> 'a' = {}", self.leaf(Kind::Jsonb, scope), self.literal(Kind::Text)),
            _ => format!("({})[1] = {}", self.leaf(Kind::IntArray, scope), self.leaf(Kind::Int4, scope)),
        }
    }

    /// A condition over another relation's rows.
    fn set_predicate(&mut self, scope: &[Known]) -> String {
        self.nesting -= 1;
        let relation = self.relation();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let mut sight = columns.clone();
        sight.extend_from_slice(scope);
        let kind = self.kind(&columns);
        let inner = self.leaf(kind, &columns);
        let outer = self.leaf(kind, scope);
        let filter = self.predicate(&sight, 1);
        let from = format!("from {} {alias} where", relation.name);
        let text = match self.dice.below(9) {
            0..=2 => format!("exists (select 1 {from} {inner} = {outer} and {filter})"),
            3 => format!("not exists (select {inner} {from} {inner} = {outer} and {filter})"),
            4 | 5 => format!("{outer} in (select {inner} {from} {filter})"),
            6 => format!("{outer} not in (select {inner} {from} {inner} is not null and {filter})"),
            7 => {
                format!("{outer} {} any (select {inner} {from} {filter})", self.dice.pick(&["=", "<", ">="]))
            }
            _ => match self.dice.below(3) {
                0 => format!("in_team({})", self.leaf(Kind::Int4, scope)),
                1 => format!("{} in (select my_teams())", self.leaf(Kind::Int4, scope)),
                _ => format!("{} > all (select {inner} {from} {filter})", self.leaf(kind, scope)),
            },
        };
        self.nesting += 1;
        text
    }
}
