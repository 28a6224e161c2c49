//! What psql does with the same text, taken from its manual and from its own scripts' recorded output.

use super::*;

fn pieces(text: &str, variables: &[(&str, &str)]) -> Vec<Piece> {
    let mut known = Variables::default();
    variables.iter().for_each(|(name, value)| known.set(*name, *value));
    let mut script = Script::new(text);
    let mut out = Vec::new();
    while let Some(piece) = script.next(&known) {
        out.push(piece);
    }
    out
}

fn sent(text: &str, variables: &[(&str, &str)]) -> Vec<(u32, String)> {
    let only_sent = |piece| match piece {
        Piece::Send { text, line, .. } => Some((line, text)),
        Piece::Command(_) => None,
    };
    pieces(text, variables).into_iter().filter_map(only_sent).collect()
}

#[test]
fn statements_end_at_semicolons_that_are_not_within_anything() {
    let text = "-- a;\nselect ';' as \";\", $x$;$x$, E'\\';', (1;2) /* ; /* ; */ */;\n\nselect 2\\;select 3;select 4";
    let expected = [
        (2, "select ';' as \";\", $x$;$x$, E'\\';', (1;2)".to_owned()),
        (4, "select 2;select 3".to_owned()),
        (4, "select 4".to_owned()),
    ];
    assert_eq!(sent(text, &[]), expected);
}

#[test]
fn a_routine_s_body_is_one_statement() {
    let text = "create function f() returns int begin atomic select case when true then 1 end; select 2; end;select 1;";
    assert_eq!(sent(text, &[]).len(), 2);
    assert_eq!(sent("begin; end;", &[]).len(), 2);
}

#[test]
fn variables_stand_for_their_values_outside_of_quotes_alone() {
    let variables = [("a", "x'y"), ("n", "7")];
    let text = "select :n, :'a', :\"a\", ':n', 1::int, :none, arr[1:2], :{?n}, :{?m};";
    let expected = "select 7, 'x''y', \"x'y\", ':n', 1::int, :none, arr[1:2], TRUE, FALSE";
    assert_eq!(sent(text, &variables), [(1, expected.to_owned())]);
}

#[test]
fn commands_have_words_and_may_send() {
    let text = "\\set file :dir '/data/x y.data'\nselect 1 as a \\gset p_\n\\echo a \\\\ select 2;\n\\d t";
    let found = pieces(text, &[("dir", "/src")]);
    let Piece::Command(set) = &found[0] else { panic!("{found:?}") };
    assert_eq!(set.arguments, ["file", "/src", "/data/x y.data"]);
    let Piece::Send { text, then: Some(gset), .. } = &found[1] else { panic!("{found:?}") };
    assert_eq!(
        (text.as_str(), gset.name.as_str(), gset.arguments.as_slice()),
        ("select 1 as a", "gset", &["p_".to_owned()][..])
    );
    let names: Vec<_> = found
        .iter()
        .filter_map(|piece| if let Piece::Command(c) = piece { Some(c.name.as_str()) } else { None })
        .collect();
    assert_eq!(names, ["set", "echo", "d"]);
    assert!(matches!(&found[3], Piece::Send { text, .. } if text == "select 2"));
}

#[test]
fn rows_follow_a_copy() {
    let known = Variables::default();
    let mut script = Script::new("copy t from stdin;\n1\ta;b\n2\t\\N\n\\.\nselect 1;");
    assert!(matches!(script.next(&known), Some(Piece::Send { .. })));
    assert_eq!(script.rows(), ["1\ta;b", "2\t\\N"]);
    assert!(matches!(script.next(&known), Some(Piece::Send { text, line: 5, .. }) if text == "select 1"));
}
