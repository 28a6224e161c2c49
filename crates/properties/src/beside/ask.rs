//! Generates requests of every kind against a generated schema.

use super::Asked;
use super::corrupt::corrupt;
use super::schema::{Column, Kind, Relation, Schema};
use crate::dice::Dice;

/// Tokens that requests may show.
pub(super) struct Tokens {
    pub(super) user: String,
    pub(super) expired: String,
    pub(super) stranger: String,
}

/// Percent-encodes what a query string cannot hold.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            byte if b"-_.~*(),:!$'/;@".contains(&byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// A name in a query string: quoted where the grammar wants it.
fn named(name: &str) -> String {
    if name.contains(['.', ',', '(', '"']) { format!("\"{name}\"") } else { name.to_owned() }
}

struct Asker<'a> {
    schema: &'a Schema,
    dice: &'a mut Dice,
}

/// One request.
pub(super) fn ask(schema: &Schema, tokens: &Tokens, dice: &mut Dice) -> Asked {
    let mut asker = Asker { schema, dice };
    let mut asked = match asker.dice.below(100) {
        0..52 => asker.read(),
        52..67 => asker.insert(),
        67..75 => asker.update(),
        75..80 => asker.put(),
        80..84 => asker.delete(),
        84..97 => asker.call(),
        _ => asker.odd(),
    };
    let asker = asker.dice;
    if asker.chance(30) {
        let token = match asker.below(40) {
            0 => tokens.expired.clone(),
            1 => tokens.stranger.clone(),
            2 => (*asker.pick(&["", "a.b", "a.b.c", "x"])).to_owned(),
            _ => tokens.user.clone(),
        };
        let scheme = *asker.pick(&["Bearer", "Bearer", "Bearer", "bearer", "Basic"]);
        asked.headers.push(("authorization", format!("{scheme} {token}").trim_end().to_owned()));
    }
    if asker.chance(5) {
        let schema = *asker.pick(&["api", "other", "hidden", "none"]);
        let name = if matches!(asked.method, "GET" | "HEAD") { "accept-profile" } else { "content-profile" };
        asked.headers.push((name, schema.to_owned()));
    }
    if asker.chance(9) { corrupt(asked, asker) } else { asked }
}

impl Asker<'_> {
    fn relation(&mut self) -> usize {
        self.dice.below(self.schema.relations.len())
    }

    fn target(&self, at: usize, parameters: &[String]) -> String {
        let path = encoded(&self.schema.relations[at].name);
        if parameters.is_empty() { format!("/{path}") } else { format!("/{path}?{}", parameters.join("&")) }
    }

    fn value(&mut self, kind: &Kind) -> String {
        if self.dice.chance(2) {
            return (*self.dice.pick(&["", "x", "1", "null", "{", "99999999999"])).to_owned();
        }
        (*self.dice.pick(kind.values)).to_owned()
    }

    fn json_path(&mut self) -> String {
        let mut path = String::new();
        for _ in 0..self.dice.within(1, 2) {
            let key = *self.dice.pick(&["a", "b", "c", "0", "1", "-1", "k-e y", "x"]);
            path.push_str(if self.dice.chance(40) { "->>" } else { "->" });
            path.push_str(key);
        }
        path
    }

    /// A column's name with what may follow it in a filter or an order.
    fn field(&mut self, column: &Column) -> String {
        let mut field = named(&column.name);
        let structured = matches!(column.kind.sql, "json" | "jsonb" | "integer[]" | "text[]");
        if structured && self.dice.chance(30) {
            field.push_str(&self.json_path());
        }
        field
    }

    /// `[not.]op.value`, without encoding; `listing` when it stands in a logic tree.
    fn test(&mut self, column: &Column, listing: bool) -> String {
        let kind = column.kind;
        let list = |asker: &mut Self, quote: bool| {
            let values: Vec<String> = (0..asker.dice.within(1, 3))
                .map(|_| {
                    let value = asker.value(kind);
                    if quote || value.contains([',', '(', ')', '"', '\\', '{']) {
                        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                    } else {
                        value
                    }
                })
                .collect();
            values.join(",")
        };
        let is_text = matches!(kind.sql, "text" | "varchar(10)");
        // It has no operators; what comes after an arrow is text.
        if kind.sql == "json" && self.dice.chance(85) {
            return (*self.dice.pick(&["is.null", "not.is.null"])).to_owned();
        }
        let is_array = kind.sql.ends_with(']') || matches!(kind.sql, "jsonb" | "int4range");
        let test = match self.dice.below(20) {
            0 | 1 => format!(
                "is.{}",
                self.dice.pick(&["null", "null", "NULL", "true", "false", "unknown", "not_null", "x"])
            ),
            2 | 3 => format!("in.({})", list(self, false)),
            4 if self.dice.chance(50) => "in.()".to_owned(),
            4..6 if is_text => {
                let pattern = *self.dice.pick(&["a*", "*b", "*", "É*", "%", "_", "A*"]);
                format!("{}.{pattern}", self.dice.pick(&["like", "ilike"]))
            }
            6 if is_text => {
                let op = *self.dice.pick(&["like(any)", "ilike(all)", "match(any)"]);
                format!("{op}.{{a*,b}}")
            }
            7 if is_text => format!(
                "{}.{}",
                self.dice.pick(&["match", "imatch"]),
                self.dice.pick(&["^a", "b$", "[0-9]", "("])
            ),
            4..8 if is_array => {
                let op = *self.dice.pick(&["cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"]);
                format!("{op}.{}", self.value(kind))
            }
            8 if kind.sql == "tsvector" || is_text => {
                let op = *self.dice.pick(&["fts", "plfts", "phfts", "wfts", "fts(english)", "fts(simple)"]);
                format!("{op}.cat")
            }
            9 => {
                let op = *self.dice.pick(&["eq", "gt", "gte", "lt", "lte"]);
                let modifier = *self.dice.pick(&["any", "all"]);
                format!("{op}({modifier}).{{{}}}", list(self, true))
            }
            10 => format!("isdistinct.{}", self.value(kind)),
            11 if self.dice.chance(15) => {
                (*self.dice.pick(&["cs", "neq(any)", "adj", "like", "nope", "eq"])).to_owned() + ".1"
            }
            _ => {
                let value = self.value(kind);
                let value = if listing
                    && value.contains([',', '(', ')', '"', '\\', ' '])
                    && !value.starts_with('{')
                {
                    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    value
                };
                format!("{}.{value}", self.dice.pick(&["eq", "eq", "eq", "neq", "gt", "gte", "lt", "lte"]))
            }
        };
        let not = if self.dice.chance(12) { "not." } else { "" };
        format!("{not}{test}")
    }

    fn logic(&mut self, columns: &[Column], depth: usize) -> String {
        let parts: Vec<String> = (0..self.dice.within(1, 3))
            .map(|_| {
                if depth > 0 && self.dice.chance(25) {
                    let not = if self.dice.chance(20) { "not." } else { "" };
                    let inner = self.logic(columns, depth - 1);
                    format!("{not}{}{inner}", self.dice.pick(&["and", "or"]))
                } else {
                    let column = self.dice.pick(columns);
                    format!("{}.{}", self.field(column), self.test(column, true))
                }
            })
            .collect();
        format!("({})", parts.join(*self.dice.pick(&[",", ",", ", "])))
    }

    fn filters(&mut self, at: usize, prefix: &str, chance: usize) -> Vec<String> {
        let columns = &self.schema.relations[at].columns;
        let mut found = Vec::new();
        while found.len() < 3 && self.dice.chance(chance) {
            let column = self.dice.pick(columns);
            let field = self.field(column);
            let test = self.test(column, false);
            found.push(format!("{}={}", encoded(&format!("{prefix}{field}")), encoded(&test)));
        }
        if self.dice.chance(12) {
            let not = if self.dice.chance(20) { "not." } else { "" };
            let operator = *self.dice.pick(&["and", "or"]);
            let logic = self.logic(columns, 2);
            found.push(format!("{}{not}{operator}={}", encoded(prefix), encoded(&logic)));
        }
        found
    }

    fn order(&mut self, at: usize) -> String {
        let relation = &self.schema.relations[at];
        let mut terms: Vec<String> = Vec::new();
        for _ in 0..self.dice.within(0, 2) {
            let column = self.dice.pick(&relation.columns);
            let field = self.field(column);
            let way =
                *self.dice.pick(&["", ".asc", ".desc", ".nullsfirst", ".desc.nullslast", ".asc.nullsfirst"]);
            terms.push(format!("{field}{way}"));
        }
        terms.extend(relation.key.iter().map(|&column| named(&relation.columns[column].name)));
        terms.join(",")
    }

    /// How a relation is embedded: the item before its parenthesis, the relation, and whether it is one row at most.
    fn link(&mut self, at: usize) -> Option<(String, usize, bool)> {
        let relations = &self.schema.relations;
        let mut near: Vec<(usize, &str, &str, bool)> = Vec::new();
        for (from, relation) in relations.iter().enumerate() {
            for link in &relation.links {
                let column = &*relation.columns[link.columns[0]].name;
                if from == at {
                    near.push((link.target, &link.name, column, true));
                }
                if link.target == at {
                    near.push((from, &link.name, column, false));
                }
            }
        }
        if near.is_empty() && self.dice.chance(30) || self.dice.chance(3) {
            let other = self.relation();
            return Some((named(&relations[other].name), other, false));
        }
        if near.is_empty() {
            return None;
        }
        let (other, link, column, up) = *self.dice.pick(&near);
        // Of several the hint says which; sometimes it is left out.
        let alone = near.iter().filter(|(relation, ..)| *relation == other).count() == 1;
        let name = named(&relations[other].name);
        let target = match self.dice.below(8) {
            0..3 if alone || self.dice.chance(25) => name,
            0..5 => format!("{name}!{}", named(link)),
            5 => format!("{name}!{}", named(column)),
            6 => named(link),
            _ => named(column),
        };
        Some((target, other, up))
    }

    fn column_item(&mut self, column: &Column) -> String {
        let mut item = self.field(column);
        let aggregate = self.schema.aggregates || self.dice.chance(4);
        if self.dice.chance(8) {
            let cast = *self.dice.pick(&["text", "integer", "json", "text[]", "nope"]);
            item.push_str(&format!("::{cast}"));
        }
        if aggregate && self.dice.chance(9) {
            item.push_str(&format!(".{}()", self.dice.pick(&["sum", "avg", "count", "min", "max"])));
            if self.dice.chance(20) {
                item.push_str("::text");
            }
        }
        if self.dice.chance(10) { format!("{}:{item}", self.dice.pick(&["x", "y", "the_x"])) } else { item }
    }

    /// A select list with what belongs to its embedded resources.
    fn selection(&mut self, at: usize, depth: usize, prefix: &str, further: &mut Vec<String>) -> String {
        let relation = &self.schema.relations[at];
        let mut items: Vec<String> = Vec::new();
        if self.dice.chance(25) {
            items.push("*".to_owned());
        } else {
            for number in self.dice.some(&(0..relation.columns.len()).collect::<Vec<_>>(), 4) {
                items.push(self.column_item(&relation.columns[number]));
            }
        }
        let computed: Vec<&(usize, String)> =
            self.schema.computed.iter().filter(|(of, _)| *of == at).collect();
        if !computed.is_empty() && self.dice.chance(15) {
            items.push(self.dice.pick(&computed).1.clone());
        }
        if self.schema.aggregates && self.dice.chance(4) {
            items.push("count()".to_owned());
        }
        for number in 0..2 {
            if depth == 0 || !self.dice.chance(38) {
                continue;
            }
            let Some((target, other, up)) = self.link(at) else { continue };
            let spread = self.dice.chance(if up { 18 } else { 5 });
            let alias = (!spread && self.dice.chance(35)).then(|| format!("e{depth}{number}"));
            let join = *self.dice.pick(&["", "", "", "!inner", "!left"]);
            let key =
                alias.clone().unwrap_or_else(|| target.split('!').next().unwrap_or_default().to_owned());
            let inner = format!("{prefix}{key}.");
            let list = if self.dice.chance(6) {
                String::new()
            } else {
                self.selection(other, depth - 1, &inner, further)
            };
            let alias = alias.map(|alias| format!("{alias}:")).unwrap_or_default();
            items.push(format!("{}{alias}{target}{join}({list})", if spread { "..." } else { "" }));
            let filters = self.filters(other, &inner, 18);
            further.extend(filters);
            if !up {
                let order = self.order(other);
                if !order.is_empty() && self.dice.chance(80) {
                    further.push(format!("{}order={}", encoded(&inner), encoded(&order)));
                }
            } else if prefix.is_empty() && self.dice.chance(8) {
                let column = self.dice.pick(&self.schema.relations[other].columns);
                further.push(format!("order={}", encoded(&format!("{key}({})", named(&column.name)))));
            }
            if self.dice.chance(12) {
                further.push(format!("{}limit={}", encoded(&inner), self.dice.below(4)));
            }
            if self.dice.chance(5) {
                further.push(format!("{}offset={}", encoded(&inner), self.dice.below(3)));
            }
            if self.dice.chance(8) {
                let test = *self.dice.pick(&["is.null", "not.is.null", "eq.1"]);
                further.push(format!("{}={test}", encoded(&format!("{prefix}{key}"))));
            }
        }
        items.join(",")
    }

    fn parameters(&mut self, at: usize) -> Vec<String> {
        let mut further = Vec::new();
        let mut found = Vec::new();
        if self.dice.chance(75) {
            let selection = self.selection(at, 2, "", &mut further);
            found.push(format!("select={}", encoded(&selection)));
        }
        found.extend(further);
        found.extend(self.filters(at, "", 40));
        if !found.iter().any(|part| part.starts_with("order=")) && self.dice.chance(60) {
            let order = self.order(at);
            if !order.is_empty() {
                found.push(format!("order={}", encoded(&order)));
            }
        }
        if self.dice.chance(20) {
            found.push(format!(
                "limit={}",
                self.dice.pick(&["0", "1", "2", "3", "3", "2", "4", "5", "100", "100", "-1", "x"])
            ));
        }
        if self.dice.chance(15) {
            found.push(format!(
                "offset={}",
                self.dice.pick(&["0", "1", "1", "1", "2", "2", "3", "50", "-1", "x"])
            ));
        }
        found
    }

    fn accept(&mut self, headers: &mut Vec<(&'static str, String)>) {
        if self.dice.chance(16) {
            let accept = *self.dice.pick(&[
                "text/csv",
                "text/csv",
                "application/vnd.pgrst.object+json",
                "application/vnd.pgrst.object+json",
                "application/vnd.pgrst.array+json;nulls=stripped",
                "application/vnd.pgrst.object+json;nulls=stripped",
                "application/vnd.pgrst.array",
                "*/*",
                "text/plain",
                "application/octet-stream",
                "text/csv;q=0.3, application/json;q=0.9",
                "application/openapi+json",
                "image/png, application/json",
                "text/html, text/xml",
            ]);
            headers.push(("accept", accept.to_owned()));
        }
    }

    fn prefer(&mut self, headers: &mut Vec<(&'static str, String)>, words: &[&str], chance: usize) {
        let mut wanted: Vec<&str> = Vec::new();
        for _ in 0..3 {
            if self.dice.chance(chance) {
                wanted.push(self.dice.word(words));
            }
        }
        if self.dice.chance(5) {
            wanted.push(self.dice.word(&[
                "handling=strict",
                "handling=lenient",
                "nonsense=1",
                "timezone=America/Los_Angeles",
                "timezone=Nowhere/X",
            ]));
        }
        if !wanted.is_empty() {
            headers.push(("prefer", wanted.join(*self.dice.pick(&[", ", ","]))));
        }
    }

    fn read(&mut self) -> Asked {
        let at = self.relation();
        let parameters = self.parameters(at);
        let mut headers = Vec::new();
        self.accept(&mut headers);
        self.prefer(
            &mut headers,
            &["count=exact", "count=exact", "count=planned", "count=estimated", "count=none"],
            14,
        );
        if self.dice.chance(8) {
            let range = *self.dice.pick(&["0-1", "1-", "0-0", "2-1", "100-", "-1", "x"]);
            headers.push(("range", range.to_owned()));
            if self.dice.chance(50) {
                headers.push(("range-unit", "items".to_owned()));
            }
        }
        let method = *self.dice.pick(&["GET", "GET", "GET", "GET", "GET", "GET", "GET", "HEAD"]);
        Asked { method, target: self.target(at, &parameters), headers, body: String::new() }
    }

    fn json(&mut self, column: &Column) -> String {
        if column.optional && self.dice.chance(15) {
            return "null".to_owned();
        }
        let value = self.value(column.kind);
        if column.kind.bare && serde_json::from_str::<serde_json::Value>(&value).is_ok() && !value.is_empty()
        {
            value
        } else {
            serde_json::Value::from(value).to_string()
        }
    }

    fn object(&mut self, relation: &Relation, given: &[usize]) -> String {
        let members: Vec<String> = given
            .iter()
            .map(|&column| {
                let column = &relation.columns[column];
                format!("{}:{}", serde_json::Value::from(&*column.name), self.json(column))
            })
            .collect();
        format!("{{{}}}", members.join(","))
    }

    /// The columns that a body gives.
    fn given(&mut self, relation: &Relation, all_needed: bool) -> Vec<usize> {
        (0..relation.columns.len())
            .filter(|&number| {
                let column = &relation.columns[number];
                if column.generated {
                    return self.dice.chance(3);
                }
                (all_needed && !column.optional) || self.dice.chance(45)
            })
            .collect()
    }

    /// A body and its type.
    fn body(&mut self, at: usize, all_needed: bool, headers: &mut Vec<(&'static str, String)>) -> String {
        let relation = &self.schema.relations[at];
        let given = self.given(relation, all_needed);
        match self.dice.below(20) {
            0 | 1 if !given.is_empty() => {
                headers.push(("content-type", "text/csv".to_owned()));
                let mut lines = vec![
                    given.iter().map(|&c| relation.columns[c].name.clone()).collect::<Vec<_>>().join(","),
                ];
                for _ in 0..self.dice.within(0, 2) {
                    let fields: Vec<String> = given
                        .iter()
                        .map(|&column| {
                            let value = if self.dice.chance(15) {
                                "NULL".to_owned()
                            } else {
                                self.value(relation.columns[column].kind)
                            };
                            if value.contains([',', '"', '\n']) {
                                format!("\"{}\"", value.replace('"', "\"\""))
                            } else {
                                value
                            }
                        })
                        .collect();
                    lines.push(fields.join(","));
                }
                lines.join("\n")
            }
            2 => {
                headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
                let parts: Vec<String> = given
                    .iter()
                    .map(|&column| {
                        let column = &relation.columns[column];
                        let value = self.value(column.kind);
                        format!("{}={}", encoded(&column.name), encoded(&value))
                    })
                    .collect();
                parts.join("&")
            }
            3 => {
                headers.push((
                    "content-type",
                    (*self.dice.pick(&["application/json; charset=utf-8", "text/plain", "application/xml"]))
                        .to_owned(),
                ));
                self.object(relation, &given)
            }
            4 => (*self.dice.pick(&[
                "",
                "[]",
                "{}",
                "{",
                "1",
                "null",
                "[1]",
                "[{},{}]",
                "[{\"nope\":1}]",
                "\"x\"",
                "[null]",
            ]))
            .to_owned(),
            5..8 => {
                headers.push(("content-type", "application/json".to_owned()));
                let rows: Vec<String> =
                    (0..self.dice.within(1, 3)).map(|_| self.object(relation, &given)).collect();
                format!("[{}]", rows.join(","))
            }
            8 => {
                let (one, two) = (self.given(relation, all_needed), self.given(relation, all_needed));
                format!("[{},{}]", self.object(relation, &one), self.object(relation, &two))
            }
            _ => self.object(relation, &given),
        }
    }

    /// What writes have in common: parameters of the answer.
    fn answered(&mut self, at: usize, parameters: &mut Vec<String>) {
        if self.dice.chance(35) {
            let mut further = Vec::new();
            let selection = self.selection(at, 1, "", &mut further);
            parameters.push(format!("select={}", encoded(&selection)));
            parameters.extend(further);
        }
    }

    fn columns(&mut self, at: usize, parameters: &mut Vec<String>) {
        if self.dice.chance(10) {
            let columns = &self.schema.relations[at].columns;
            let names: Vec<String> =
                columns.iter().filter(|_| self.dice.chance(50)).map(|column| named(&column.name)).collect();
            let names = if self.dice.chance(8) { "nope".to_owned() } else { names.join(",") };
            parameters.push(format!("columns={}", encoded(&names)));
        }
    }

    fn insert(&mut self) -> Asked {
        let at = self.relation();
        let (mut headers, mut parameters) = (Vec::new(), Vec::new());
        let body = self.body(at, true, &mut headers);
        self.answered(at, &mut parameters);
        self.columns(at, &mut parameters);
        let relation = &self.schema.relations[at];
        if self.dice.chance(12) {
            let names: Vec<String> =
                relation.key.iter().map(|&column| named(&relation.columns[column].name)).collect();
            let names = if self.dice.chance(10) { "nope".to_owned() } else { names.join(",") };
            parameters.push(format!("on_conflict={}", encoded(&names)));
        }
        self.accept(&mut headers);
        let words = [
            "return=representation",
            "return=representation",
            "return=minimal",
            "return=headers-only",
            "resolution=merge-duplicates",
            "resolution=ignore-duplicates",
            "missing=default",
            "count=exact",
            "tx=commit",
            "tx=rollback",
        ];
        self.prefer(&mut headers, &words, 45);
        Asked { method: "POST", target: self.target(at, &parameters), headers, body }
    }

    fn update(&mut self) -> Asked {
        let at = self.relation();
        let (mut headers, mut parameters) = (Vec::new(), Vec::new());
        let body = self.body(at, false, &mut headers);
        self.answered(at, &mut parameters);
        self.columns(at, &mut parameters);
        parameters.extend(self.filters(at, "", 70));
        self.accept(&mut headers);
        let words = [
            "return=representation",
            "return=representation",
            "return=minimal",
            "return=headers-only",
            "count=exact",
            "missing=default",
            "tx=commit",
        ];
        self.prefer(&mut headers, &words, 45);
        Asked { method: "PATCH", target: self.target(at, &parameters), headers, body }
    }

    fn put(&mut self) -> Asked {
        let at = self.relation();
        let relation = &self.schema.relations[at];
        let (mut headers, mut parameters, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for (number, column) in relation.columns.iter().enumerate() {
            let value = self.value(column.kind);
            if relation.key.contains(&number) {
                parameters.push(format!("{}=eq.{}", encoded(&named(&column.name)), encoded(&value)));
                let shown = if column.kind.bare { value } else { serde_json::Value::from(value).to_string() };
                let shown = if shown.is_empty() { "null".to_owned() } else { shown };
                members.push(format!("{}:{shown}", serde_json::Value::from(&*column.name)));
            } else if !column.generated {
                members.push(format!("{}:{}", serde_json::Value::from(&*column.name), self.json(column)));
            }
        }
        if self.dice.chance(10) {
            parameters.push((*self.dice.pick(&["limit=1", "n=eq.1", "or=(id.eq.1)", "id=gt.1"])).to_owned());
        }
        self.answered(at, &mut parameters);
        self.accept(&mut headers);
        self.prefer(
            &mut headers,
            &["return=representation", "return=minimal", "count=exact", "tx=commit"],
            35,
        );
        Asked {
            method: "PUT",
            target: self.target(at, &parameters),
            headers,
            body: format!("{{{}}}", members.join(",")),
        }
    }

    fn delete(&mut self) -> Asked {
        let at = self.relation();
        let (mut headers, mut parameters) = (Vec::new(), Vec::new());
        self.answered(at, &mut parameters);
        parameters.extend(self.filters(at, "", 75));
        self.accept(&mut headers);
        self.prefer(
            &mut headers,
            &["return=representation", "return=minimal", "return=headers-only", "count=exact"],
            45,
        );
        Asked { method: "DELETE", target: self.target(at, &parameters), headers, body: String::new() }
    }

    fn call(&mut self) -> Asked {
        let mut headers = Vec::new();
        self.accept(&mut headers);
        self.prefer(
            &mut headers,
            &["count=exact", "params=multiple-objects", "tx=commit", "return=minimal"],
            10,
        );
        if !self.schema.table_functions.is_empty() && self.dice.chance(35) {
            let (name, at) = self.dice.pick(&self.schema.table_functions).clone();
            let mut parameters = self.parameters(at);
            if self.dice.chance(50) {
                parameters.push(format!("n={}", self.dice.pick(&["1", "2", "5", "x", "eq.1"])));
            }
            let query =
                if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) };
            let method = *self.dice.pick(&["GET", "GET", "GET", "HEAD", "POST"]);
            let body = if method == "POST" {
                (*self.dice.pick(&["", "{}", "{\"n\":2}"])).to_owned()
            } else {
                String::new()
            };
            return Asked { method, target: format!("/rpc/{name}{query}"), headers, body };
        }
        let (name, get, post) = *self.dice.pick(CALLS);
        let name = if self.dice.chance(4) { format!("{name}s") } else { name.to_owned() };
        if self.dice.chance(50) {
            let method = *self.dice.pick(&["GET", "GET", "GET", "HEAD"]);
            return Asked {
                method,
                target: format!("/rpc/{name}{}", self.dice.pick(get)),
                headers,
                body: String::new(),
            };
        }
        let body = (*self.dice.pick(post)).to_owned();
        if self.dice.chance(15) {
            let kind = *self.dice.pick(&[
                "text/plain",
                "application/json",
                "application/octet-stream",
                "text/csv",
                "application/x-www-form-urlencoded",
            ]);
            headers.push(("content-type", kind.to_owned()));
        }
        Asked { method: "POST", target: format!("/rpc/{name}"), headers, body }
    }

    /// What stands beside tables and functions.
    fn odd(&mut self) -> Asked {
        let at = self.relation();
        let method = *self.dice.pick(&["OPTIONS", "OPTIONS", "GET", "POST", "DELETE", "PATCH", "PUT"]);
        let target = match self.dice.below(6) {
            0 => "/nothing_here".to_owned(),
            1 => "/a/b".to_owned(),
            2 => "/rpc/add".to_owned(),
            3 => "/rpc/nope".to_owned(),
            4 => format!("{}s", self.target(at, &[])),
            _ => self.target(at, &[]),
        };
        let body = if matches!(method, "POST" | "PATCH" | "PUT") { "{}".to_owned() } else { String::new() };
        Asked { method, target, headers: Vec::new(), body }
    }
}

/// Calls: the function, queries, bodies.
const CALLS: &[(&str, &[&str], &[&str])] = &[
    (
        "add",
        &["?a=1&b=2", "?a=1", "", "?a=x", "?a=1&b=2&c=3", "?b=1"],
        &["{\"a\":1,\"b\":2}", "{\"a\":\"1\"}", "{}", "", "[{\"a\":1}]", "{\"a\":null}"],
    ),
    (
        "join_all",
        &["?parts=a&parts=b", "?parts=a", "", "?parts={a,b}"],
        &["{\"parts\":[\"a\",\"b\"]}", "{\"parts\":\"{a,b}\"}", "{}"],
    ),
    ("echo", &["", "?a=1"], &["{\"a\":1}", "[1,2]", "1", "", "{", "null"]),
    ("echo_text", &["", "?a=1"], &["plain", "{\"a\":1}", ""]),
    ("nothing", &[""], &["{}", "", "[]"]),
    (
        "pairs",
        &["", "?n=3", "?n=3&x=gt.1", "?n=3&select=y&order=x.desc", "?n=5&limit=2&offset=1", "?select=x,z"],
        &["{\"n\":3}", "{}"],
    ),
    ("numbers", &["", "?limit=1", "?select=*", "?order=numbers"], &["{}", ""]),
    ("over", &["?a=1", "?a=1&b=2", "?b=1", ""], &["{\"a\":1}", "{\"a\":1,\"b\":2}"]),
    ("amb", &["?a=1"], &["{\"a\":1}"]),
    ("feel", &["?m=sad", "?m=nope", ""], &["{\"m\":\"happy\"}", "{\"m\":7}", "{}"]),
    (
        "fail",
        &[
            "?state=P0001",
            "?state=PT418",
            "?state=23505",
            "?state=42501",
            "?state=22023&words=role",
            "?state=28000",
            "?state=P0002",
            "?state=PTxxx",
            "?state=53400",
            "?state=42P17",
            "?state=54000",
            "?state=40001",
            "?state=57014",
        ],
        &[
            "{\"state\":\"23503\"}",
            "{\"state\":\"PT404\",\"words\":\"lost\"}",
            "{\"state\":\"XX000\"}",
            "{\"state\":\"08006\"}",
            "{\"state\":\"0A000\"}",
            "{\"state\":\"25006\"}",
        ],
    ),
    (
        "lists",
        &["?n={1,2}", "?n=[1,2]", "?n={1,2}&t={a}", "?n={}"],
        &["{\"n\":[1,2]}", "{\"n\":[1],\"t\":[\"a\",\"b\"]}", "{\"n\":\"{1}\"}"],
    ),
    ("who", &["", "?select=who"], &["{}", ""]),
    ("claim", &["?name=role", "?name=sub"], &["{\"name\":\"role\"}"]),
    ("status", &["?code=206", "?code=x"], &["{\"code\":\"202\"}", "{\"code\":\"418\"}"]),
    (
        "header",
        &["?name=x-a&value=b"],
        &[
            "{\"name\":\"x-a\",\"value\":\"b\"}",
            "{\"name\":\"content-type\",\"value\":\"text/x\"}",
            "{\"name\":\"location\",\"value\":\"/x\"}",
        ],
    ),
    ("out_two", &["?a=1", "?a=1&select=b", "?a=1&b=eq.1"], &["{\"a\":1}"]),
    (
        "same",
        &["?j={\"a\":1}", "?j=1", "?j={"],
        &["{\"j\":{\"b\":1,\"a\":[1]}}", "{\"j\":null}", "{\"j\":\"s\"}"],
    ),
    ("path", &[""], &["{}"]),
    ("zone", &[""], &["{}"]),
    ("is_it", &["?b=true", "?b=f", "?b=maybe"], &["{\"b\":true}", "{\"b\":\"yes\"}"]),
];
