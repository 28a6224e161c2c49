//! Names of orders read back, and what they order.

use super::{Order, compare};
use std::cmp::Ordering;

#[test]
fn a_name_says_the_order() {
    let orders = [
        Order::Row(vec![Order::Bytes, Order::Array(Box::new(Order::Citext))]),
        Order::Row(vec![Order::Row(vec![Order::Interval, Order::Inet]), Order::Padded, Order::Record]),
        Order::Array(Box::new(Order::Row(vec![Order::Jsonb, Order::TimeTz]))),
        Order::Array(Box::new(Order::Array(Box::new(Order::Numeric)))),
        Order::Array(Box::new(Order::Interval)),
        Order::Numeric,
    ];
    for order in orders {
        assert_eq!(Order::named(&order.name()), Some(order));
    }
    // What compares as it stands needs no letters.
    assert_eq!(Order::Row(vec![Order::Bytes, Order::Row(vec![Order::Numeric])]).name(), "pg_row");
}

#[test]
fn what_is_no_name_is_none() {
    let deep = format!("pg_row_{}", "l".repeat(100_000));
    let rows = format!("pg_row_{}", "r".repeat(100_000));
    for name in ["pg_row_", "pg_row_r", "pg_row_rq", "pg_row_xe", "pg_row_l", "nocase", &deep, &rows] {
        assert_eq!(Order::named(name), None, "{}", name.len());
    }
}

#[test]
fn fields_compare_by_their_order() {
    for (name, left, right, order) in [
        ("pg_row_rlxe", r#"["[10]"]"#, r#"["[9]"]"#, Ordering::Greater),
        ("pg_row_rlxe", r#"["[1,null]"]"#, r#"["[1,2]"]"#, Ordering::Greater),
        ("pg_row_rie", r#"["1 mon"]"#, r#"["30 days"]"#, Ordering::Equal),
        ("pg_row_rce", r#"["ABC"]"#, r#"["abc"]"#, Ordering::Equal),
        ("pg_row_rpe", r#"["a  "]"#, r#"["a"]"#, Ordering::Equal),
        ("pg_row_rae", r#"["10.0.0.0"]"#, r#"["9.0.0.0"]"#, Ordering::Greater),
        ("pg_row_rje", r#"["{\"a\": 1.0}"]"#, r#"["{\"a\": 1}"]"#, Ordering::Equal),
        ("pg_row_rrnxee", r#"[[1.50,"b"]]"#, r#"[[1.5,"a"]]"#, Ordering::Greater),
        ("pg_row", r#"[[10,null]]"#, r#"[[9,1]]"#, Ordering::Greater),
        ("pg_row", r#"[1e+20]"#, r#"[99999]"#, Ordering::Greater),
        ("pg_row", r#"["NaN"]"#, r#"[1e+300]"#, Ordering::Greater),
        ("pg_row", r#"["-Infinity"]"#, r#"[1e-300]"#, Ordering::Less),
    ] {
        assert_eq!(compare(name, left, right), order, "{name} {left} {right}");
        assert_eq!(compare(name, right, left), order.reverse(), "{name} {right} {left}");
    }
}
