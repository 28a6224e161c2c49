//! tsquery: a tree of operators and lexemes.

use super::syntax::{self, Language};
use super::vector::push_quoted;
use super::{MAX_BYTES, MAX_WORD};
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result};
use std::cmp::Ordering;
use std::sync::LazyLock;

/// An operator; phrases have their distance beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `!`
    Not,
    /// `&`
    And,
    /// `|`
    Or,
    /// `<->`, `<N>`
    Phrase,
}

impl Operator {
    /// Binds tighter the higher.
    pub(super) fn priority(self) -> i8 {
        match self {
            Operator::Not => 4,
            Operator::And => 2,
            Operator::Or => 1,
            Operator::Phrase => 3,
        }
    }

    /// PostgreSQL's code, which is the order of trees.
    fn code(self) -> u8 {
        match self {
            Operator::Not => 1,
            Operator::And => 2,
            Operator::Or => 3,
            Operator::Phrase => 4,
        }
    }
}

/// A lexeme in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    /// The lexeme.
    pub(super) word: String,
    /// Bits of the weights that it must have one of, D the lowest; 0 for any.
    pub(super) weights: u8,
    /// Whether what only begins so matches.
    pub(super) prefix: bool,
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A lexeme.
    Value(Operand),
    /// An operator. Its right operand (NOT's only one) is the next item, `left` items on is the left one.
    Operator {
        /// Which.
        operator: Operator,
        /// The distance of a phrase.
        distance: i16,
        /// How many items on the left operand is; 1 for NOT.
        left: usize,
    },
}

/// A tsquery: its items in prefix notation, the right operand before the left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// The items; none for the empty query.
    pub(super) items: Vec<Item>,
}

/// Deeper trees are refused: what walks them recurses.
pub(super) const MAX_DEPTH: usize = 2000;

/// 0A000 for a tree that is too deep.
pub(super) fn too_deep() -> DatabaseError {
    DatabaseError::unsupported("a tsquery nested this deep")
}

impl Query {
    /// tsquery's input function.
    pub(crate) fn input(text: &str) -> Result<Query> {
        Query::read(text, Language::Standard)
    }

    fn read(text: &str, language: Language) -> Result<Query> {
        syntax::parse(text, language, &mut |operand, polish| {
            if operand.word.len() > MAX_WORD {
                return Err(syntax::word_too_long(text));
            }
            polish.value(operand);
            Ok(())
        })
    }

    /// A stored tsquery.
    pub(crate) fn stored(text: &str) -> Result<Query> {
        Query::read(text, Language::Stored)
            .map_err(|_| DatabaseError::internal(format_args!("stored tsquery {text:?}")))
    }

    /// Items whose operands' places are known.
    pub(super) fn of(items: Vec<Item>) -> Result<Query> {
        let query = Query { items };
        query.check_depth()?;
        Ok(query)
    }

    /// 54000 where the last lexeme would begin further on than there is room for.
    fn check_size(&self) -> Result<()> {
        let (mut start, mut bytes) = (0, 0);
        for operand in self.operands() {
            start = bytes;
            bytes += operand.word.len() + 1;
        }
        if start > MAX_BYTES {
            return Err(DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, "tsquery is too large"));
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<()> {
        // From the end: an operand's depth is known before its operator is met.
        let mut depths: Vec<usize> = Vec::new();
        for item in self.items.iter().rev() {
            let depth = match item {
                Item::Value(_) => 1,
                Item::Operator { operator: Operator::Not, .. } => depths.pop().unwrap_or(0) + 1,
                Item::Operator { .. } => {
                    let right = depths.pop().unwrap_or(0);
                    let left = depths.pop().unwrap_or(0);
                    right.max(left) + 1
                }
            };
            if depth > MAX_DEPTH {
                return Err(too_deep());
            }
            depths.push(depth);
        }
        Ok(())
    }

    /// tsquery's output function.
    pub(crate) fn to_text(&self) -> String {
        self.printed(false)
    }

    /// The stored form.
    pub(crate) fn to_stored(&self) -> String {
        self.printed(true)
    }

    fn printed(&self, stored: bool) -> String {
        let mut out = String::new();
        if !self.items.is_empty() {
            self.print(0, -1, None, stored, &mut out);
        }
        out
    }

    /// Prints the tree at an item; `right_of` is the operator whose right operand it is.
    fn print(&self, at: usize, parent: i8, right_of: Option<Operator>, stored: bool, out: &mut String) {
        match &self.items[at] {
            Item::Value(operand) => print_operand(operand, out),
            Item::Operator { operator: Operator::Not, .. } => {
                // Nothing binds tighter.
                out.push('!');
                self.print(at + 1, Operator::Not.priority(), None, stored, out);
            }
            Item::Operator { operator, distance, left } => {
                let ordered = stored || *operator == Operator::Phrase;
                let parentheses = operator.priority() < parent || ordered && right_of == Some(*operator);
                if parentheses {
                    out.push_str("( ");
                }
                self.print(at + left, operator.priority(), None, stored, out);
                match (operator, distance) {
                    (Operator::Or, _) => out.push_str(" | "),
                    (Operator::And, _) => out.push_str(" & "),
                    (_, 1) => out.push_str(" <-> "),
                    (_, distance) => out.push_str(&format!(" <{distance}> ")),
                }
                self.print(at + 1, operator.priority(), Some(*operator), stored, out);
                if parentheses {
                    out.push_str(" )");
                }
            }
        }
    }

    /// Two queries under an operator. One that is empty leaves the other.
    pub(super) fn join(self, other: Query, operator: Operator, distance: i16) -> Result<Query> {
        if self.items.is_empty() {
            return Ok(other);
        }
        if other.items.is_empty() {
            return Ok(self);
        }
        let left = other.items.len() + 1;
        let mut items = vec![Item::Operator { operator, distance, left }];
        items.extend(other.items);
        items.extend(self.items);
        let query = Query::of(items)?;
        query.check_size()?;
        Ok(query)
    }

    /// The query negated.
    pub(super) fn negated(self) -> Result<Query> {
        if self.items.is_empty() {
            return Ok(self);
        }
        let mut items = vec![Item::Operator { operator: Operator::Not, distance: 0, left: 1 }];
        items.extend(self.items);
        Query::of(items)
    }

    /// The lexemes in the order of the items.
    pub(super) fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.items.iter().filter_map(|item| match item {
            Item::Value(operand) => Some(operand),
            Item::Operator { .. } => None,
        })
    }

    /// btree's order: by the number of items, by size, and as trees.
    pub(super) fn compare(&self, other: &Query) -> Ordering {
        let bytes = |query: &Query| query.operands().map(|operand| operand.word.len() + 1).sum::<usize>();
        let order = self.items.len().cmp(&other.items.len()).then_with(|| bytes(self).cmp(&bytes(other)));
        if order.is_ne() || self.items.is_empty() {
            return order;
        }
        compare_trees(self, 0, other, 0)
    }

    /// What an index can search for: without NOT, which makes anything true beside it.
    pub(super) fn searchable(&self) -> Option<Query> {
        let mut items = Vec::new();
        if self.items.is_empty() || !self.keep_searchable(0, &mut items) {
            return None;
        }
        Some(Query { items })
    }

    /// Appends what remains of the tree at an item; false if nothing does.
    fn keep_searchable(&self, at: usize, out: &mut Vec<Item>) -> bool {
        let start = out.len();
        match &self.items[at] {
            Item::Value(operand) => out.push(Item::Value(operand.clone())),
            Item::Operator { operator: Operator::Not, .. } => return false,
            Item::Operator { operator, distance, left } => {
                out.push(Item::Operator { operator: *operator, distance: *distance, left: 0 });
                let right_kept = self.keep_searchable(at + 1, out);
                let middle = out.len();
                if *operator == Operator::Or && !right_kept {
                    out.truncate(start);
                    return false;
                }
                let left_kept = self.keep_searchable(at + left, out);
                match (left_kept, right_kept) {
                    (true, true) => {
                        out[start] =
                            Item::Operator { operator: *operator, distance: *distance, left: middle - start };
                    }
                    (false, false) => {
                        out.truncate(start);
                        return false;
                    }
                    (false, true) | (true, false) if *operator == Operator::Or => {
                        out.truncate(start);
                        return false;
                    }
                    // One is left: without its operator.
                    (false, true) | (true, false) => {
                        out.remove(start);
                    }
                }
            }
        }
        true
    }
}

fn print_operand(operand: &Operand, out: &mut String) {
    push_quoted(&operand.word, out);
    if operand.weights != 0 || operand.prefix {
        out.push(':');
        if operand.prefix {
            out.push('*');
        }
        for (bit, letter) in [(8, 'A'), (4, 'B'), (2, 'C'), (1, 'D')] {
            if operand.weights & bit != 0 {
                out.push(letter);
            }
        }
    }
}

fn compare_trees(left: &Query, at: usize, right: &Query, other: usize) -> Ordering {
    match (&left.items[at], &right.items[other]) {
        (Item::Operator { .. }, Item::Value(_)) => Ordering::Less,
        (Item::Value(_), Item::Operator { .. }) => Ordering::Greater,
        (Item::Value(a), Item::Value(b)) => {
            checksum(&b.word).cmp(&checksum(&a.word)).then_with(|| a.word.cmp(&b.word))
        }
        (
            Item::Operator { operator: a, distance: near, left: a_left },
            Item::Operator { operator: b, distance: far, left: b_left },
        ) => {
            let order = b.code().cmp(&a.code());
            if order.is_ne() {
                return order;
            }
            let order = compare_trees(left, at + 1, right, other + 1);
            if order.is_ne() || *a == Operator::Not {
                return order;
            }
            let order = compare_trees(left, at + a_left, right, other + b_left);
            if order.is_ne() || *a != Operator::Phrase { order } else { far.cmp(near) }
        }
    }
}

static CHECKSUMS: LazyLock<[u32; 256]> = LazyLock::new(|| {
    let mut table = [0; 256];
    for (number, entry) in (0u32..).zip(&mut table) {
        *entry = (0..8).fold(number, |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 });
    }
    table
});

/// PostgreSQL's old checksum of a lexeme, signed: the order of trees looks at it first. It shifts against its table.
fn checksum(word: &str) -> i32 {
    let sum =
        word.bytes().fold(u32::MAX, |sum, byte| CHECKSUMS[((sum >> 24) as u8 ^ byte) as usize] ^ sum << 8);
    !sum as i32
}
