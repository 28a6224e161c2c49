//! How stored texts of a type compare where SQLite's own comparison is not PostgreSQL's, as collations of SQLite.
//!
//! The collation of a composite type says by its name how each field compares (`pg_row_xlc`: as it stands, an array, a citext), so
//! that one who opens a stored file knows it without the catalog:
//!
//! | | |
//! |---|---|
//! | `x` | as it stands |
//! | `n` `i` `t` `a` `c` `p` `j` `v` `q` `h` | numeric, interval, timetz, inet, citext, character(n), jsonb, tsvector, tsquery, vector |
//! | `l` and another | an array of it |
//! | `r` … `e` | a composite value of them |
//! | `d` | a record, which brings its shape |

use crate::array::split_bounds;
use crate::json::scan;
use crate::types::{Kind, kind};
use crate::{Oid, TypeSource, inet, json, numeric, oid, record, search, time, vector};
use std::borrow::Cow;
use std::cmp::Ordering;

/// How many parts the order of a type may have: a name of more is none that is registered.
const MAX_PARTS: usize = 10_000;

/// The order of stored texts of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// By bytes.
    Bytes,
    /// numeric
    Numeric,
    /// interval
    Interval,
    /// time with time zone
    TimeTz,
    /// inet and cidr
    Inet,
    /// citext
    Citext,
    /// character(n): pads do not count
    Padded,
    /// jsonb
    Jsonb,
    /// tsvector
    SearchVector,
    /// tsquery
    SearchQuery,
    /// vector
    Vector,
    /// An array of such elements.
    Array(Box<Order>),
    /// A composite value of such fields; what stands behind them compares as it stands.
    Row(Vec<Order>),
    /// A record, which brings its shape.
    Record,
}

/// The SQLite collation under which stored values of a type compare as PostgreSQL's do; `None`: SQLite's own
/// comparison is right. A type without order at all (json) has none either.
pub fn collation(ty: Oid, types: &dyn TypeSource) -> Option<Cow<'static, str>> {
    Some(order(ty, types)?.name())
}

/// The order of a type's stored texts; `None`: by their bytes, or they are no texts.
pub(crate) fn order(ty: Oid, types: &dyn TypeSource) -> Option<Order> {
    let mut parts = 0;
    match order_within(ty, types, &mut parts) {
        Order::Bytes => None,
        order => Some(order),
    }
}

fn order_within(ty: Oid, types: &dyn TypeSource, parts: &mut usize) -> Order {
    *parts += 1;
    match kind(ty, types) {
        Ok(Kind::Base(oid::NUMERIC)) => Order::Numeric,
        Ok(Kind::Base(oid::INTERVAL)) => Order::Interval,
        Ok(Kind::Base(oid::TIMETZ)) => Order::TimeTz,
        Ok(Kind::Base(oid::INET | oid::CIDR)) => Order::Inet,
        Ok(Kind::Base(oid::CITEXT)) => Order::Citext,
        Ok(Kind::Base(oid::TSVECTOR)) => Order::SearchVector,
        Ok(Kind::Base(oid::TSQUERY)) => Order::SearchQuery,
        Ok(Kind::Base(oid::BPCHAR)) => Order::Padded,
        Ok(Kind::Base(oid::JSONB)) => Order::Jsonb,
        Ok(Kind::Base(oid::VECTOR)) => Order::Vector,
        Ok(Kind::Array(element)) => Order::Array(Box::new(order_within(element, types, parts))),
        Ok(Kind::Composite { fields }) => {
            let mut orders = Vec::with_capacity(fields.len());
            for field in fields.iter() {
                // Types within types can be more than there is room for.
                if *parts > MAX_PARTS {
                    break;
                }
                orders.push(order_within(field.oid, types, parts));
            }
            Order::Row(orders)
        }
        Ok(Kind::Record) => Order::Record,
        Ok(Kind::Base(_) | Kind::Enum { .. }) | Err(_) => Order::Bytes,
    }
}

/// The names of [`collation`] that do not depend on a user's types and that SQLite does not have (`RTRIM` is its own), for the
/// engine to register; the others begin with [`ROWS`] and are made when SQLite asks for them.
pub const COLLATIONS: &[&str] = &[
    "pg_numeric",
    "pg_interval",
    "pg_timetz",
    "pg_inet",
    "pg_citext",
    "pg_jsonb",
    "pg_tsvector",
    "pg_tsquery",
    "pg_vector",
    "pg_array",
    "pg_array_interval",
    "pg_array_timetz",
    "pg_array_inet",
    "pg_array_citext",
    "pg_array_jsonb",
    "pg_array_tsvector",
    "pg_array_tsquery",
    "pg_array_vector",
    "pg_array_bpchar",
    "pg_array_row",
    "pg_array_record",
    "pg_row",
    "pg_record",
];

/// What the names of collations begin with that say how fields of composite types compare.
pub const ROWS: &str = "pg_row_";

impl Order {
    /// The order that a name of [`collation`] means.
    pub fn named(name: &str) -> Option<Order> {
        let array = |element| Order::Array(Box::new(element));
        Some(match name {
            "" | "BINARY" => Order::Bytes,
            "pg_numeric" => Order::Numeric,
            "pg_interval" => Order::Interval,
            "pg_timetz" => Order::TimeTz,
            "pg_inet" => Order::Inet,
            "pg_citext" => Order::Citext,
            "RTRIM" => Order::Padded,
            "pg_jsonb" => Order::Jsonb,
            "pg_tsvector" => Order::SearchVector,
            "pg_tsquery" => Order::SearchQuery,
            "pg_vector" => Order::Vector,
            "pg_record" => Order::Record,
            "pg_row" => Order::Row(Vec::new()),
            "pg_array" => array(Order::Bytes),
            "pg_array_interval" => array(Order::Interval),
            "pg_array_timetz" => array(Order::TimeTz),
            "pg_array_inet" => array(Order::Inet),
            "pg_array_citext" => array(Order::Citext),
            "pg_array_jsonb" => array(Order::Jsonb),
            "pg_array_tsvector" => array(Order::SearchVector),
            "pg_array_tsquery" => array(Order::SearchQuery),
            "pg_array_vector" => array(Order::Vector),
            "pg_array_bpchar" => array(Order::Padded),
            "pg_array_row" => array(Order::Row(Vec::new())),
            "pg_array_record" => array(Order::Record),
            _ => {
                let mut letters = name.strip_prefix(ROWS)?.bytes();
                let order = read(&mut letters, 0)?;
                return letters.next().is_none().then_some(order);
            }
        })
    }

    /// The name of the collation.
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Order::Bytes => "BINARY",
            Order::Numeric => "pg_numeric",
            Order::Interval => "pg_interval",
            Order::TimeTz => "pg_timetz",
            Order::Inet => "pg_inet",
            Order::Citext => "pg_citext",
            Order::Padded => "RTRIM",
            Order::Jsonb => "pg_jsonb",
            Order::SearchVector => "pg_tsvector",
            Order::SearchQuery => "pg_tsquery",
            Order::Vector => "pg_vector",
            Order::Record => "pg_record",
            Order::Row(fields) if fields.iter().all(Order::is_plain) => "pg_row",
            Order::Array(element) => match &**element {
                Order::Bytes | Order::Numeric => "pg_array",
                Order::Interval => "pg_array_interval",
                Order::TimeTz => "pg_array_timetz",
                Order::Inet => "pg_array_inet",
                Order::Citext => "pg_array_citext",
                Order::Jsonb => "pg_array_jsonb",
                Order::SearchVector => "pg_array_tsvector",
                Order::SearchQuery => "pg_array_tsquery",
                Order::Vector => "pg_array_vector",
                Order::Padded => "pg_array_bpchar",
                Order::Record => "pg_array_record",
                Order::Row(_) if element.is_plain() => "pg_array_row",
                Order::Row(_) | Order::Array(_) => return self.spelled(),
            },
            Order::Row(_) => return self.spelled(),
        })
    }

    fn spelled(&self) -> Cow<'static, str> {
        let mut name = ROWS.to_owned();
        self.spell(&mut name);
        if name.len() > MAX_PARTS {
            // Too large to say: a name that SQLite does not find, so that nothing compares wrongly.
            name.clear();
            name.push_str("pg_unordered");
        }
        Cow::Owned(name)
    }

    fn spell(&self, name: &mut String) {
        match self {
            Order::Bytes => name.push('x'),
            Order::Numeric => name.push('n'),
            Order::Interval => name.push('i'),
            Order::TimeTz => name.push('t'),
            Order::Inet => name.push('a'),
            Order::Citext => name.push('c'),
            Order::Padded => name.push('p'),
            Order::Jsonb => name.push('j'),
            Order::SearchVector => name.push('v'),
            Order::SearchQuery => name.push('q'),
            Order::Vector => name.push('h'),
            Order::Record => name.push('d'),
            Order::Array(element) => {
                name.push('l');
                element.spell(name);
            }
            Order::Row(fields) => {
                name.push('r');
                for field in fields {
                    field.spell(name);
                }
                name.push('e');
            }
        }
    }

    /// Whether elements of it compare as they stand.
    fn is_plain(&self) -> bool {
        match self {
            Order::Bytes | Order::Numeric => true,
            Order::Row(fields) => fields.iter().all(Order::is_plain),
            _ => false,
        }
    }

    /// The order of two stored texts.
    pub fn compare(&self, left: &str, right: &str) -> Ordering {
        match self {
            Order::Bytes => left.cmp(right),
            Order::Numeric => numeric::compare_text(left, right),
            Order::Interval => time::interval::compare_text(left, right),
            Order::TimeTz => time::time_tz::compare_text(left, right),
            Order::Inet => inet::compare_text(left, right),
            Order::Citext => compare_folded(left, right),
            Order::Padded => left.trim_end_matches(' ').cmp(right.trim_end_matches(' ')),
            Order::Jsonb => json::compare_text(left, right),
            Order::SearchVector => search::compare_vectors(left, right),
            Order::SearchQuery => search::compare_queries(left, right),
            Order::Vector => vector::compare_text(left, right),
            Order::Array(element) => compare_arrays(left, right, element),
            Order::Row(fields) => compare_fields(scan::elements(left), scan::elements(right), fields),
            Order::Record => record::compare(left, right),
        }
    }

    /// The order of two elements of an array or fields of a row, not NULL, as they stand there.
    fn compare_elements(&self, left: &str, right: &str) -> Ordering {
        match self {
            Order::Bytes | Order::Numeric if left.starts_with('[') => {
                compare_fields(scan::elements(left), scan::elements(right), &[])
            }
            Order::Bytes | Order::Numeric => compare_plain(left, right),
            Order::Row(_) | Order::Record => self.compare(left, right),
            _ => self.compare(&scan::unquote(left), &scan::unquote(right)),
        }
    }
}

/// How deep types stand within each other in a name.
const MAX_DEPTH: usize = 500;

/// The order that letters spell.
fn read(letters: &mut std::str::Bytes<'_>, depth: usize) -> Option<Order> {
    if depth > MAX_DEPTH {
        return None;
    }
    one(letters.next()?, letters, depth)
}

fn one(letter: u8, letters: &mut std::str::Bytes<'_>, depth: usize) -> Option<Order> {
    Some(match letter {
        b'x' => Order::Bytes,
        b'n' => Order::Numeric,
        b'i' => Order::Interval,
        b't' => Order::TimeTz,
        b'a' => Order::Inet,
        b'c' => Order::Citext,
        b'p' => Order::Padded,
        b'j' => Order::Jsonb,
        b'v' => Order::SearchVector,
        b'q' => Order::SearchQuery,
        b'h' => Order::Vector,
        b'd' => Order::Record,
        b'l' => Order::Array(Box::new(read(letters, depth + 1)?)),
        b'r' if depth <= MAX_DEPTH => {
            let mut fields = Vec::new();
            loop {
                match letters.next()? {
                    b'e' => return Some(Order::Row(fields)),
                    letter => fields.push(one(letter, letters, depth + 1)?),
                }
            }
        }
        _ => return None,
    })
}

/// Compares under a collation that [`collation`] named.
pub fn compare(collation: &str, left: &str, right: &str) -> Ordering {
    Order::named(collation).unwrap_or(Order::Bytes).compare(left, right)
}

/// citext's comparison: by the lower case.
pub(crate) fn compare_folded(left: &str, right: &str) -> Ordering {
    let fold = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    if left.is_ascii() && right.is_ascii() {
        let lower = |text: &'_ str| text.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>();
        return lower(left).cmp(&lower(right));
    }
    fold(left).cmp(&fold(right))
}

/// Field by field, NULLs last; of equal ones the shorter first.
pub(crate) fn compare_fields(
    mut left: scan::Elements<'_>,
    mut right: scan::Elements<'_>,
    orders: &[Order],
) -> Ordering {
    let mut orders = orders.iter();
    loop {
        let order = orders.next().unwrap_or(&Order::Bytes);
        let found = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => compare_nullable(left, right, order),
        };
        if found.is_ne() {
            return found;
        }
    }
}

fn compare_nullable(left: &str, right: &str, order: &Order) -> Ordering {
    match (left == "null", right == "null") {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => order.compare_elements(left, right),
    }
}

/// btree order of arrays: elements in turn (NULLs last), then their count, then dimensions.
fn compare_arrays(left: &str, right: &str, order: &Order) -> Ordering {
    fn flatten<'a>(
        text: &'a str,
        depth: usize,
        nested: bool,
        lengths: &mut Vec<usize>,
        elements: &mut Vec<&'a str>,
    ) {
        let mut count = 0;
        for element in scan::elements(text) {
            count += 1;
            if nested && element.starts_with('[') {
                flatten(element, depth + 1, nested, lengths, elements);
            } else {
                elements.push(element);
            }
        }
        while lengths.len() <= depth {
            lengths.push(0);
        }
        lengths[depth] = count;
    }
    if left == right {
        return Ordering::Equal;
    }
    // Rows are written as arrays are.
    let nested = !matches!(order, Order::Row(_) | Order::Record);
    let (left, right) = (split_bounds(left).1, split_bounds(right).1);
    let (mut left_lengths, mut left_elements) = (Vec::new(), Vec::new());
    let (mut right_lengths, mut right_elements) = (Vec::new(), Vec::new());
    flatten(left, 0, nested, &mut left_lengths, &mut left_elements);
    flatten(right, 0, nested, &mut right_lengths, &mut right_elements);
    for (left, right) in left_elements.iter().zip(&right_elements) {
        let found = compare_nullable(left, right, order);
        if found.is_ne() {
            return found;
        }
    }
    left_elements
        .len()
        .cmp(&right_elements.len())
        .then_with(|| left_lengths.len().cmp(&right_lengths.len()))
        .then_with(|| left_lengths.cmp(&right_lengths))
}

/// Strings by their bytes, numbers and booleans by their value.
fn compare_plain(left: &str, right: &str) -> Ordering {
    let text = |element: &str| scan::unquote(element).into_owned();
    let boolean = |element: &str| element.starts_with(['t', 'f']);
    match (left.starts_with('"'), right.starts_with('"')) {
        (true, true) => text(left).cmp(&text(right)),
        // A quoted special (NaN, Infinity) among numbers, floats with exponents not in numeric's form.
        (true, false) => numeric::compare_text(&text(left), if right.contains('e') { "0" } else { right }),
        (false, true) => numeric::compare_text(if left.contains('e') { "0" } else { left }, &text(right)),
        (false, false) if boolean(left) => left.cmp(right),
        (false, false) if left.contains('e') || right.contains('e') => {
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
            number(left).total_cmp(&number(right))
        }
        (false, false) => numeric::compare_text(left, right),
    }
}

#[cfg(test)]
mod tests;
