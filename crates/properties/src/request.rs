//! Generates requests to the data API in PostgREST's syntax.

use crate::asked::{Asked, Way};
use crate::dice::Dice;
use crate::expression::Generator;
use crate::kind::Kind;
use crate::model::{Model, Relation};

/// Percent-encodes what a query string cannot hold.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~*(),:!{}\"".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        if plain(byte) && !matches!(byte, b'"' | b'{' | b'}') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// A value in a list or a logic tree, quoted when it must be.
fn listed(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json(kind: Kind, text: &str) -> String {
    let is_number = kind.is_integer() || matches!(kind, Kind::Numeric | Kind::Float8);
    match kind {
        Kind::Bool | Kind::Jsonb => text.to_owned(),
        _ if is_number => text.to_owned(),
        _ => serde_json::Value::from(text).to_string(),
    }
}

/// Links between tables that requests embed by: (table, column, target).
fn links(model: &Model) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for (at, relation) in model.relations.iter().enumerate().filter(|(_, relation)| !relation.view) {
        for (number, column) in relation.columns.iter().enumerate() {
            if let Some(target) = column.references {
                found.push((at, number, target));
            }
        }
    }
    found
}

impl Generator<'_> {
    fn names(&mut self, relation: &Relation) -> Vec<(String, Kind)> {
        self.columns(relation, "").into_iter().map(|known| (known.text, known.kind)).collect()
    }

    /// One condition: `column`, `operator.value`.
    fn condition(&mut self, columns: &[(String, Kind)], listing: bool) -> (String, String) {
        let (name, kind) = self.dice.pick(columns).clone();
        let labels = self.model.labels.clone();
        let value = |dice: &mut Dice| kind.text(dice, &labels);
        let not = if self.dice.chance(12) { "not." } else { "" };
        let test = match self.dice.below(10) {
            0 => "is.null".to_owned(),
            1 => {
                let values: Vec<String> =
                    (0..self.dice.within(1, 3)).map(|_| listed(&value(self.dice))).collect();
                format!("in.({})", values.join(","))
            }
            2 if kind.is_text() => {
                let pattern = *self.dice.pick(&["a*", "*b", "*", "É*", "1?*"]);
                format!("{}.{pattern}", self.dice.pick(&["like", "ilike"]))
            }
            3 if kind == Kind::Bool => format!("is.{}", self.dice.pick(&["true", "false", "unknown"])),
            4 if kind.is_text() => format!("match.{}", self.dice.pick(&["^a", "b$", "[0-9]"])),
            5 if matches!(kind, Kind::Jsonb | Kind::IntArray | Kind::TextArray) => {
                format!("{}.{}", self.dice.pick(&["cs", "cd"]), value(self.dice))
            }
            _ => {
                let text = value(self.dice);
                let text = if listing { listed(&text) } else { text };
                format!(
                    "{}.{text}",
                    self.dice.pick(&["eq", "eq", "neq", "gt", "gte", "lt", "lte", "isdistinct"])
                )
            }
        };
        let test = if listing && test.contains(".{") { "is.null".to_owned() } else { test };
        (name, format!("{not}{test}"))
    }

    fn conditions(&mut self, columns: &[(String, Kind)], prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        for _ in 0..*self.dice.pick(&[0, 1, 1, 2]) {
            let (name, test) = self.condition(columns, false);
            found.push(format!("{prefix}{name}={}", encoded(&test)));
        }
        if self.dice.chance(15) {
            let list: Vec<String> = (0..2)
                .map(|_| {
                    let (name, test) = self.condition(columns, true);
                    format!("{name}.{test}")
                })
                .collect();
            found.push(format!("{prefix}{}=({})", self.dice.pick(&["or", "and"]), encoded(&list.join(","))));
        }
        found
    }

    /// `select=` with embedded relations, and what belongs to them.
    fn selection(
        &mut self,
        relation: usize,
        depth: usize,
        prefix: &str,
        further: &mut Vec<String>,
    ) -> String {
        let model = self.model;
        let columns = self.names(&model.relations[relation]);
        let mut items: Vec<String> = if self.dice.chance(20) {
            vec!["*".to_owned()]
        } else {
            self.dice.some(&columns, 4).into_iter().map(|(name, _)| name).collect()
        };
        let links = links(model);
        let near: Vec<&(usize, usize, usize)> =
            links.iter().filter(|(from, _, to)| *from == relation || *to == relation).collect();
        if depth > 0 && !near.is_empty() && self.dice.chance(60) {
            let (from, column, to) = **self.dice.pick(&near);
            let column = model.relations[from].columns[column].name.clone();
            let up = from == relation && (to != relation || self.dice.chance(50));
            let other = if up { to } else { from };
            let alias = format!("e{depth}");
            let kind = *self.dice.pick(&["", "", "!inner", "!left"]);
            let inner_prefix = format!("{prefix}{alias}.");
            let inner = self.selection(other, depth - 1, &inner_prefix, further);
            // To itself only the column's name says which way.
            let target = if up && from == to { column.clone() } else { model.relations[other].name.clone() };
            let hint = if up && from == to { String::new() } else { format!("!{column}") };
            items.push(format!("{alias}:{target}{hint}{kind}({inner})"));
            if !up {
                further.push(format!("{inner_prefix}order=id"));
                if self.dice.chance(25) {
                    further.push(format!("{inner_prefix}limit={}", self.dice.below(4)));
                }
            }
            if self.dice.chance(30) {
                let columns = self.names(&model.relations[other]);
                let more = self.conditions(&columns, &inner_prefix);
                further.extend(more);
            }
        }
        items.join(",")
    }

    /// A request that reads.
    pub(crate) fn request(&mut self, user: usize) -> Asked {
        let model = self.model;
        if self.dice.chance(8) {
            let team = self.dice.within(1, 5);
            let target = match self.dice.below(4) {
                0 => format!("/rpc/in_team?team={team}"),
                1 => "/rpc/my_teams".to_owned(),
                2 => format!("/rpc/rows_of?team={team}&select=*&limit=40"),
                _ => format!("/rpc/label?s={}&n={team}", encoded(&Kind::Text.text(self.dice, &[]))),
            };
            let way = Way::Http { method: "GET", target, prefer: None, body: String::new() };
            return Asked { user, way, ordered: false, several_culprits: true, writes: false };
        }
        let at = self.dice.below(model.relations.len());
        let relation = &model.relations[at];
        let columns = self.names(relation);
        let mut further = Vec::new();
        let selection = self.selection(at, 2, "", &mut further);
        let mut parts = vec![format!("select={selection}")];
        parts.extend(further);
        parts.extend(self.conditions(&columns, ""));
        let keyed = !relation.key.is_empty() && columns.iter().any(|(name, _)| name == "id");
        let mut ordered = false;
        if keyed && self.dice.chance(60) {
            let (name, _) = self.dice.pick(&columns).clone();
            let way = *self.dice.pick(&["", ".desc", ".asc.nullsfirst", ".desc.nullslast"]);
            parts.push(format!("order={name}{way},id"));
            ordered = true;
            if self.dice.chance(50) {
                parts.push(format!("limit={}", self.dice.below(8)));
                if self.dice.chance(50) {
                    parts.push(format!("offset={}", self.dice.below(6)));
                }
            }
        }
        let prefer = self.dice.chance(30).then(|| "count=exact".to_owned());
        let method = if self.dice.chance(8) { "HEAD" } else { "GET" };
        let target = format!("/{}?{}", relation.name, parts.join("&"));
        let way = Way::Http { method, target, prefer, body: String::new() };
        Asked { user, way, ordered, several_culprits: true, writes: false }
    }

    /// A new row as JSON.
    fn document_row(&mut self, relation: &Relation, given: &[usize]) -> String {
        let labels = self.model.labels.clone();
        let members: Vec<String> = given
            .iter()
            .map(|at| {
                let column = &relation.columns[*at];
                let text = match column.name.as_str() {
                    "id" => self.new_key(column.kind),
                    _ => match self.given(column, "null") {
                        text if text.contains("auth.uid") || text == "default" => {
                            column.kind.text(self.dice, &labels)
                        }
                        text => text,
                    },
                };
                let value = match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                    Some(text) => json(column.kind, &text.replace("''", "'")),
                    None if text == "null" => text,
                    None => json(column.kind, &text),
                };
                format!("\"{}\": {value}", column.name)
            })
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    /// A request that writes.
    pub(crate) fn request_write(&mut self, user: usize) -> Asked {
        let model = self.model;
        let writable: Vec<&Relation> = model.relations.iter().filter(|relation| relation.writable).collect();
        let relation = *self.dice.pick(&writable);
        let columns = self.names(relation);
        let mut prefer = Vec::new();
        let mut parts = Vec::new();
        match self.dice.below(4) {
            0 => {}
            1 => prefer.push("return=minimal"),
            _ => {
                prefer.push("return=representation");
                let (name, _) = self.dice.pick(&columns).clone();
                if self.dice.chance(50) {
                    parts.push(format!("select={name}"));
                }
            }
        }
        let able: Vec<usize> =
            (0..relation.columns.len()).filter(|at| !relation.columns[*at].generated).collect();
        let key_test = |generator: &mut Self| {
            let key = &relation.columns[0];
            let number = generator.dice.within(1, 30);
            let value = match relation.name.as_str() {
                "members" => generator.dice.within(1, 4).to_string(),
                _ => crate::schema::key_text(key.kind, number),
            };
            format!("{}=eq.{}", key.name, value.trim_matches('\''))
        };
        let (method, body, several) = match self.dice.below(5) {
            0 | 1 => {
                let given: Vec<usize> = able
                    .iter()
                    .copied()
                    .filter(|at| {
                        let column = &relation.columns[*at];
                        (column.not_null && !column.default) || *at == 0 || self.dice.chance(60)
                    })
                    .collect();
                let count = if self.dice.chance(25) { 2 } else { 1 };
                let rows: Vec<String> = (0..count).map(|_| self.document_row(relation, &given)).collect();
                if !relation.view && self.dice.chance(35) {
                    prefer.push(
                        *self.dice.pick(&["resolution=merge-duplicates", "resolution=ignore-duplicates"]),
                    );
                }
                if self.dice.chance(15) {
                    prefer.push("missing=default");
                }
                let body = if count == 1 { rows[0].clone() } else { format!("[{}]", rows.join(", ")) };
                ("POST", body, count > 1)
            }
            2 | 3 => {
                let able: Vec<usize> = able.into_iter().filter(|at| !relation.key.contains(at)).collect();
                if able.is_empty() {
                    return self.request(user);
                }
                let given = self.dice.some(&able, 3);
                let body = self.document_row(relation, &given);
                let several = self.dice.chance(40);
                if several {
                    parts.extend(self.conditions(&columns, ""));
                } else {
                    parts.push(key_test(self));
                }
                ("PATCH", body, several || relation.name == "members")
            }
            _ => {
                parts.push(key_test(self));
                ("DELETE", String::new(), relation.name == "members")
            }
        };
        let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        let target = format!("/{}{query}", relation.name);
        let prefer = (!prefer.is_empty()).then(|| prefer.join(", "));
        let way = Way::Http { method, target, prefer, body };
        Asked { user, way, ordered: false, several_culprits: several, writes: true }
    }
}
