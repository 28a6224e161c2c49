//! Expected tables are psql 15's own output for the statement above each.

use super::*;
use database::{Column, ResultSet, Value};

fn result(columns: &[(&str, &str)], rows: Vec<Vec<Value>>) -> ResultSet {
    let columns = columns
        .iter()
        .map(|(name, type_name)| Column { name: (*name).into(), type_oid: 0, type_name: (*type_name).into() })
        .collect();
    ResultSet { columns, rows }
}

fn check(columns: &[(&str, &str)], rows: Vec<Vec<Value>>, expected: &str) {
    let printed = table(&result(columns, rows));
    assert_eq!(printed, expected, "\n{printed}");
}

#[test]
fn numbers_stand_to_the_right() {
    // select 1 as id, 'a' as name
    check(
        &[("id", "integer"), ("name", "text")],
        vec![vec![Value::Int(1), "a".into()]],
        " id | name \n----+------\n  1 | a\n(1 row)\n\n",
    );
    // select 123456789 as a, 'short' as a_longer_name, 'x' as bb
    check(
        &[("a", "integer"), ("a_longer_name", "text"), ("bb", "text")],
        vec![vec![Value::Int(123_456_789), "short".into(), "x".into()]],
        "     a     | a_longer_name | bb \n-----------+---------------+----\n 123456789 | short         | x\n(1 row)\n\n",
    );
    // select array[1.5,2] as na, 5::money as m, 7::oid as o, interval '1 day' as i
    check(
        &[("na", "numeric[]"), ("m", "money"), ("o", "oid"), ("i", "interval")],
        vec![vec!["{1.5,2}".into(), "$5.00".into(), "7".into(), "1 day".into()]],
        "   na    |   m   | o |   i   \n---------+-------+---+-------\n {1.5,2} | $5.00 | 7 | 1 day\n(1 row)\n\n",
    );
}

#[test]
fn lines_of_a_cell_stand_under_each_other() {
    // select 1 as id, E'x\ny' as a, 2.50::numeric(5,2) as n, null as nothing
    check(
        &[("id", "integer"), ("a", "text"), ("n", "numeric(5,2)"), ("nothing", "text")],
        vec![vec![Value::Int(1), "x\ny".into(), "2.50".into(), Value::Null]],
        " id | a |  n   | nothing \n----+---+------+---------\n  1 | x+| 2.50 | \n    | y |      | \n(1 row)\n\n",
    );
    // select E'x\ny' as a, 3 as "two\nlines", E'p\nq\nr' as last
    check(
        &[("a", "text"), ("two\nlines", "integer"), ("last", "text")],
        vec![vec!["x\ny".into(), Value::Int(3), "p\nq\nr".into()]],
        " a |  two +| last \n   | lines |      \n---+-------+------\n x+|     3 | p   +\n y |       | q   +\n   |       | r\n(1 row)\n\n",
    );
    // select E'a\n' as trailing, E'\n' as only, 1 as n
    check(
        &[("trailing", "text"), ("only", "text"), ("n", "integer")],
        vec![vec!["a\n".into(), "\n".into(), Value::Int(1)]],
        " trailing | only | n \n----------+------+---\n a       +|     +| 1\n          |      | \n(1 row)\n\n",
    );
}

#[test]
fn nothing_is_still_a_table() {
    // select
    check(&[], vec![vec![]], "--\n(1 row)\n\n");
    // select where false
    check(&[], vec![], "--\n(0 rows)\n\n");
    // select 1 as a where false
    check(&[("a", "integer")], vec![], " a \n---\n(0 rows)\n\n");
}

#[test]
fn what_a_terminal_would_not_show_is_shown_by_its_code() {
    // select 'é' as "日本", '日本語' as x, E'tab\there' as t, E'bell\x07' as b, E'cr\rx' as r
    check(
        &[("日本", "text"), ("x", "text"), ("t", "text"), ("b", "text"), ("r", "text")],
        vec![vec!["é".into(), "日本語".into(), "tab\there".into(), "bell\u{7}".into(), "cr\rx".into()]],
        " 日本 |   x    |      t       |    b     |   r   \n------+--------+--------------+----------+-------\n é    | 日本語 | tab     here | bell\\x07 | cr\\rx\n(1 row)\n\n",
    );
}

#[test]
fn values_are_written_as_postgresql_writes_them() {
    // select true as t, false as f, '\xdead'::bytea as b, 1.5::float8 as d, 1e15::float8 as e, 1e-5::float8 as m,
    //   0.0001::float8 as k, 123456.7::real as r, 1e6::real as s, 'NaN'::float8 as nan, '-Infinity'::float8 as i, 100000::real as h
    let (double, real) = ("double precision", "real");
    check(
        &[
            ("t", "boolean"),
            ("f", "boolean"),
            ("b", "bytea"),
            ("d", double),
            ("e", double),
            ("m", double),
            ("k", double),
            ("r", real),
            ("s", real),
            ("nan", double),
            ("i", double),
            ("h", real),
        ],
        vec![vec![
            Value::Bool(true),
            Value::Bool(false),
            Value::Bytes([0xde, 0xad].into()),
            Value::Float(1.5),
            Value::Float(1e15),
            Value::Float(1e-5),
            Value::Float(0.0001),
            Value::Float(f64::from(123_456.7_f32)),
            Value::Float(1e6),
            Value::Float(f64::NAN),
            Value::Float(f64::NEG_INFINITY),
            Value::Float(100_000.0),
        ]],
        concat!(
            " t | f |   b    |  d  |   e   |   m   |   k    |    r     |   s   | nan |     i     |   h    \n",
            "---+---+--------+-----+-------+-------+--------+----------+-------+-----+-----------+--------\n",
            " t | f | \\xdead | 1.5 | 1e+15 | 1e-05 | 0.0001 | 123456.7 | 1e+06 | NaN | -Infinity | 100000\n",
            "(1 row)\n\n"
        ),
    );
}

#[test]
fn json_keeps_types_and_digits() {
    let columns = [
        ("a", "integer"),
        ("n", "numeric"),
        ("j", "jsonb"),
        ("t", "text"),
        ("f", "double precision"),
        ("x", "text"),
    ];
    let row = vec![
        Value::Int(1),
        "1.50".into(),
        r#"{"b": [1, 2.00]}"#.into(),
        "say \"é\"\n".into(),
        Value::Float(f64::INFINITY),
        Value::Null,
    ];
    assert_eq!(
        json(&result(&columns, vec![row])),
        r#"[{"a":1,"n":1.50,"j":{"b": [1, 2.00]},"t":"say \"é\"\n","f":"Infinity","x":null}]"#
    );
    assert_eq!(json(&result(&columns, vec![])), "[]");
    assert_eq!(json(&result(&[("n", "numeric")], vec![vec!["NaN".into()]])), r#"[{"n":"NaN"}]"#);
    assert_eq!(command("INSERT 0 1"), r#"{"command":"INSERT 0 1"}"#);
}

#[test]
fn an_error_points_at_its_place() {
    let text = "select 1,\n\tnope\nfrom t";
    let wrong = DatabaseError::new(sqlstate::UNDEFINED_COLUMN, "column \"nope\" does not exist")
        .at(12)
        .with_hint("Look.");
    assert_eq!(
        error(&wrong, text),
        "ERROR:  42703: column \"nope\" does not exist\nLINE 2: \tnope\n        \t^\nHINT:  Look.\n"
    );
}
