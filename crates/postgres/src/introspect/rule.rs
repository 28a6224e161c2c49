//! Where a view's columns come from: read from the tree of its rule, in the form that PostgreSQL stores it.
//!
//! Each entry of a query's target list names the relation and column that it is a plain reference to (`resorigtbl`,
//! `resorigcol`), through joins, sub-selects and CTEs; expressions and UNION have none. The entries of the outermost
//! query are the view's columns. A relation named there may be a view again: the caller follows it.

/// A column of the view: its number, and the relation and column it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) number: i16,
    pub(super) relation: u32,
    pub(super) column: i16,
}

/// The origins of a view's columns, those that have one.
pub(super) fn origins(tree: &str) -> Vec<Origin> {
    let mut origins = Vec::new();
    let mut depth = 0u32;
    let mut entry: Option<Entry> = None;
    let mut tokens = Tokens { rest: tree };
    while let Some(token) = tokens.next() {
        match token {
            "{" => {
                depth += 1;
                // The outermost query is one deep, its target list's entries are two.
                if depth == 2 && tokens.next() == Some("TARGETENTRY") {
                    entry = Some(Entry::default());
                }
            }
            "}" => {
                if depth == 2
                    && let Some(entry) = entry.take()
                {
                    origins.extend(entry.origin());
                }
                depth = depth.saturating_sub(1);
            }
            field if depth == 2 && field.starts_with(':') => {
                let Some(entry) = &mut entry else { continue };
                match field {
                    ":resno" => entry.number = tokens.number(),
                    ":resorigtbl" => entry.relation = tokens.number(),
                    ":resorigcol" => entry.column = tokens.number(),
                    ":resjunk" => entry.junk = tokens.next() == Some("true"),
                    // A column's name can look like a field.
                    ":resname" => drop(tokens.next()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    origins
}

#[derive(Default)]
struct Entry {
    number: Option<i64>,
    relation: Option<i64>,
    column: Option<i64>,
    junk: bool,
}

impl Entry {
    fn origin(self) -> Option<Origin> {
        let relation = u32::try_from(self.relation?).ok().filter(|relation| *relation != 0 && !self.junk)?;
        Some(Origin {
            number: i16::try_from(self.number?).ok()?,
            relation,
            column: i16::try_from(self.column?).ok()?,
        })
    }
}

/// The words of a tree: brackets and what is between blanks. A backslash takes its meaning from the next character.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn number(&mut self) -> Option<i64> {
        self.next()?.parse().ok()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        let mut end = first.len_utf8();
        if !matches!(first, '{' | '}' | '(' | ')') {
            let mut escaped = false;
            end = self
                .rest
                .char_indices()
                .find(|(_, character)| {
                    let ends =
                        !escaped && (character.is_whitespace() || matches!(character, '{' | '}' | '(' | ')'));
                    escaped = !escaped && *character == '\\';
                    ends
                })
                .map_or(self.rest.len(), |(at, _)| at);
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, origins};

    #[test]
    fn only_the_outermost_entries_count() {
        let tree = r"({QUERY :commandType 1 :rtable ({RTE :subquery {QUERY :targetList ({TARGETENTRY :resno 1 :resorigtbl 5 :resorigcol 5 :resjunk false})}}) :targetList ({TARGETENTRY :expr {VAR :varno 1} :resno 1 :resname :resorigtbl\ 9\} :ressortgroupref 0 :resorigtbl 16390 :resorigcol 2 :resjunk false} {TARGETENTRY :expr {CONST :constvalue 4 [ 1 0 0 0 ]} :resno 2 :resname x :resorigtbl 0 :resorigcol 0 :resjunk false} {TARGETENTRY :resno 3 :resname y :resorigtbl 16390 :resorigcol 3 :resjunk true})})";
        assert_eq!(origins(tree), [Origin { number: 1, relation: 16390, column: 2 }]);
    }

    #[test]
    fn nothing_breaks_it() {
        for tree in [
            "",
            "}}}}",
            "{{{{",
            "({QUERY :targetList ({TARGETENTRY :resno",
            "\\",
            "{ {TARGETENTRY :resno x :resorigtbl 99999999999 }",
        ] {
            assert_eq!(origins(tree), []);
        }
    }
}
