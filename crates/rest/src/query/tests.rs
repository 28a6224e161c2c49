use super::*;

fn query(text: &str) -> Query {
    Query::parse(text, Arguments::Refused).expect("a query")
}

fn refused(text: &str) -> (String, String) {
    let failure = Query::parse(text, Arguments::Refused).expect_err("a failure");
    (failure.message, failure.details)
}

#[track_caller]
fn check(text: &str, message: &str, details: &str) {
    assert_eq!(refused(text), (message.to_owned(), details.to_owned()));
}

fn item(text: &str) -> SelectItem {
    query(&format!("select={text}")).select.remove(0)
}

fn field(text: &str) -> SelectField {
    match item(text) {
        SelectItem::Field(field) => field,
        SelectItem::Embed(embed) => panic!("an embed: {embed:?}"),
    }
}

fn embed(text: &str) -> Embed {
    match item(text) {
        SelectItem::Embed(embed) => embed,
        SelectItem::Field(field) => panic!("a field: {field:?}"),
    }
}

#[test]
fn select_items_are_read() {
    assert_eq!(field("a").field.name, "a");
    assert_eq!(field(" a b ").field.name, "a b");
    assert_eq!(field("a-b").field.name, "a-b");
    assert_eq!(field("\"a.b\\\"c\"").field.name, "a.b\"c");
    let cast = field("x:a->b->>0::text");
    assert_eq!((cast.alias.as_deref(), cast.cast.as_deref()), (Some("x"), Some("text")));
    assert_eq!(
        cast.field.path,
        [
            Step { as_text: false, key: Key::Name("b".into()) },
            Step { as_text: true, key: Key::Index("0".into()) }
        ]
    );
    assert_eq!(cast.field.implied_alias(), Some("b"));
    let sum = field("total:a::int.sum()::text");
    assert_eq!(
        (sum.aggregate, sum.cast.as_deref(), sum.aggregate_cast.as_deref()),
        (Some(Aggregate::Sum), Some("int"), Some("text"))
    );
    assert_eq!(field("count()").aggregate, Some(Aggregate::Count));
    assert_eq!(query("select=").select, []);
    assert_eq!(query("").select.len(), 1);
}

#[test]
fn embeds_are_read() {
    let one = embed("x:rel!hint!inner(a,b(c))");
    assert_eq!((one.target.as_str(), one.alias.as_deref()), ("rel", Some("x")));
    assert_eq!((one.hint.as_deref(), one.join), (Some("hint"), Some(Join::Inner)));
    assert_eq!(one.select.len(), 2);
    assert!(embed("...rel(*)").spread);
    assert_eq!(embed("rel()").select, []);
    assert_eq!(embed("rel!left!fk(*)").hint.as_deref(), Some("fk"));
}

#[test]
fn filters_are_read() {
    let one = query("a.b->>c=not.eq.x.y");
    assert_eq!(one.filters[0].0, ["a"]);
    assert!(one.filters[0].1.negated);
    let operation = |text: &str| query(text).filters.remove(0).1.operation;
    assert_eq!(operation("a=in.(1,\"b,c\",d)"), Operation::In(vec!["1".into(), "b,c".into(), "d".into()]));
    assert_eq!(operation("a=in.()"), Operation::In(vec![String::new()]));
    assert_eq!(operation("a=is.NULL"), Operation::Is(Truth::Null));
    assert_eq!(operation("a=is.not_null"), Operation::Is(Truth::NotNull));
    assert_eq!(
        operation("a=like(any).{x*,y}"),
        Operation::Compare {
            operator: Operator::Like,
            quantifier: Some(Quantifier::Any),
            value: "{x*,y}".into()
        }
    );
    assert_eq!(
        operation("a=fts(english).cat"),
        Operation::Search {
            function: SearchFunction::To,
            language: Some("english".into()),
            value: "cat".into()
        }
    );
    assert_eq!(
        operation("a=eq."),
        Operation::Compare { operator: Operator::Equal, quantifier: None, value: String::new() }
    );
}

#[test]
fn trees_are_read() {
    let one = query("rel.not.or=(a.eq.1,not.and(b.in.(1,2),c.cs.{1,2}),d.eq.\"x,y\")");
    let (path, Logic::Group { negated, any, members }) = &one.logic[0] else { panic!("a group") };
    assert_eq!((path.as_slice(), negated, any, members.len()), (&["rel".to_owned()][..], &true, &true, 3));
}

#[test]
fn arguments_are_what_is_no_filter() {
    let one = Query::parse("a=1&b=eq.2&c=some.thing", Arguments::Allowed).expect("a query");
    assert_eq!(one.arguments, [("a".into(), "1".into()), ("c".into(), "some.thing".into())]);
    assert_eq!(one.filters.len(), 1);
}

#[test]
fn ranges_are_read() {
    assert_eq!(query("limit=5&offset=10").top_range(), Range { lower: 10, upper: Some(14) });
    assert_eq!(query("offset=10").top_range(), Range { lower: 10, upper: None });
    assert_eq!(query("limit=x").top_range(), Range::ALL);
    assert!(query("limit=0").top_range().is_zero());
    assert_eq!(query("rel.limit=1").ranges[0].0, ["rel"]);
}

#[test]
fn canonical_is_sorted_and_encoded() {
    assert_eq!(query("b=eq.1&a=eq.x%20y&d").canonical, "a=eq.x%20y&b=eq.1&d=");
    assert_eq!(query("a=gt.1&a=lt.3").canonical, "a=gt.1,lt.3");
}

/// The texts and positions here are what PostgREST answers.
#[test]
fn mistakes_are_named_as_clients_know_them() {
    check(
        "a=noop.0",
        "\"failed to parse filter (noop.0)\" (line 1, column 1)",
        "unexpected \"o\" expecting \"not\" or operator (eq, gt, ...)",
    );
    check(
        "a=0",
        "\"failed to parse filter (0)\" (line 1, column 1)",
        "unexpected \"0\" expecting \"not\" or operator (eq, gt, ...)",
    );
    check(
        "order=id.asc.nullslasttt",
        "\"failed to parse order (id.asc.nullslasttt)\" (line 1, column 17)",
        "unexpected 't' expecting \",\" or end of input",
    );
    check(
        "order=id.ac",
        "\"failed to parse order (id.ac)\" (line 1, column 4)",
        "unexpected \"c\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"",
    );
    check(
        "order=clients(name,id)",
        "\"failed to parse order (clients(name,id))\" (line 1, column 8)",
        "unexpected '(' expecting letter, digit, \"-\", \"->>\", \"->\", delimiter (.), \",\" or end of input",
    );
    check(
        "columns=",
        "\"failed to parse columns parameter ()\" (line 1, column 1)",
        "unexpected end of input expecting field name (* or [a..z0..9_$])",
    );
    check(
        "or=()",
        "\"failed to parse logic tree (())\" (line 1, column 4)",
        "unexpected \")\" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)",
    );
    check(
        "or=(id.in.1,2,id.eq.3)",
        "\"failed to parse logic tree ((id.in.1,2,id.eq.3))\" (line 1, column 10)",
        "unexpected \"1\" expecting \"(\"",
    );
    check(
        "and=(ord(id.eq.1,id.eq.1),id.eq.2)",
        "\"failed to parse logic tree ((ord(id.eq.1,id.eq.1),id.eq.2))\" (line 1, column 7)",
        "unexpected \"d\" expecting \"(\"",
    );
    check(
        "or=(id.eq.1,not.xor(id.eq.2,id.eq.3))",
        "\"failed to parse logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))\" (line 1, column 16)",
        "unexpected \"x\" expecting logic operator (and, or)",
    );
    check(
        "select=data->>--34",
        "\"failed to parse select parameter (data->>--34)\" (line 1, column 9)",
        "unexpected \"-\" expecting digit",
    );
}

#[test]
fn deep_nesting_is_refused() {
    let tree = format!("or={}a.eq.1{}", "(and".repeat(5000), ")".repeat(5000));
    assert!(refused(&tree).1.contains("nested too deeply"));
    let select = format!("select={}*{}", "a(".repeat(5000), ")".repeat(5000));
    assert!(refused(&select).1.contains("nested too deeply"));
}

/// The quick ways read what the rules read: texts made of the grammar's own pieces.
#[test]
fn quick_ways_read_what_the_rules_read() {
    const PIECES: &[&str] = &[
        "a",
        "b1",
        "_c",
        "count",
        "count()",
        "(",
        ")",
        ",",
        ".",
        "!",
        "!inner",
        "!left",
        "...",
        "*",
        ":",
        "::",
        "->",
        "->>",
        "-",
        "0",
        "\"",
        "\\",
        " ",
        "\t",
        "é",
        "ß",
        "$",
        ".sum()",
        ".desc",
        ".nullslast",
        "asc",
        "eq",
        ".eq.",
        "not.",
        "or",
        "and(",
        "in.(",
        "{",
        "}",
        "'",
        "%",
    ];
    fn check<T: PartialEq + std::fmt::Debug>(
        text: &str,
        rule: impl Fn(&mut parser::Cursor) -> parser::Parsed<T>,
    ) -> bool {
        let quick = rule(&mut parser::Cursor::new(text)).ok().map(|done| done.value);
        let slow = rule(&mut parser::Cursor::noting(text)).ok().map(|done| done.value);
        assert_eq!(quick, slow, "{text:?}");
        slow.is_some()
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    let mut read = 0;
    for _ in 0..4000 {
        let text: String = (0..1 + next(9)).map(|_| PIECES[next(PIECES.len())]).collect();
        read += usize::from(check(&text, select::select));
        read += usize::from(check(&text, order::order));
        read += usize::from(check(&text, filter::logic));
        read += usize::from(check(&text, names::tree_path));
        read += usize::from(check(&text, names::columns));
    }
    assert!(read > 4000, "{read} were read");
}
