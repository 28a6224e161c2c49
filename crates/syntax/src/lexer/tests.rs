use super::{Kind, scan};

fn kinds(text: &str) -> Vec<Kind> {
    scan(text).tokens.iter().map(|token| token.kind).collect()
}

#[test]
fn operators_end_before_a_sign_or_comment() {
    assert_eq!(kinds("*-"), [Kind::Char(b'*'), Kind::Char(b'-'), Kind::End]);
    assert_eq!(kinds("@-"), [Kind::Operator, Kind::End]);
    assert_eq!(kinds("=-- x"), [Kind::Char(b'='), Kind::End]);
    assert_eq!(kinds("->>/* x */"), [Kind::Operator, Kind::End]);
    assert_eq!(kinds("a=>1"), [Kind::Identifier, Kind::EqualsGreater, Kind::Integer, Kind::End]);
}

#[test]
fn strings_go_on_behind_a_line_break() {
    let text = "'a' -- first\n 'b''c'";
    let scanned = scan(text);
    assert_eq!(scanned.value(scanned.tokens[0]), "ab'c");
    assert_eq!(scanned.tokens.len(), 2);
    assert_eq!(kinds("'a' 'b'"), [Kind::String, Kind::String, Kind::End]);
}

#[test]
fn positions_count_characters() {
    let scanned = scan("'äöü' x");
    assert_eq!(scanned.tokens[1].position, 7);
}
