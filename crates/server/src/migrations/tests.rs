use super::*;

fn statements(texts: &[&str]) -> Vec<ScriptStatement> {
    texts
        .iter()
        .zip(1..)
        .map(|(text, line)| ScriptStatement { text: (*text).into(), line, rows: None })
        .collect()
}

#[test]
fn a_file_s_own_transaction_is_left_out() {
    let kept = without_transaction(statements(&[
        "begin",
        "create table t ()",
        "COMMIT",
        "start transaction",
        "select 1",
        "end",
    ]));
    let texts: Vec<String> = kept.expect("statements").into_iter().map(|statement| statement.text).collect();
    assert_eq!(texts, ["create table t ()", "select 1"]);
    let (line, error) = without_transaction(statements(&["select 1", "rollback"])).expect_err("a refusal");
    assert_eq!((line, error.code()), (2, sqlstate::INVALID_TRANSACTION_TERMINATION));
    assert!(without_transaction(statements(&["savepoint a", "rollback to savepoint a"])).is_ok());
}

#[test]
fn an_error_s_line_is_the_file_s() {
    let error = DatabaseError::new(sqlstate::SYNTAX_ERROR, "x");
    assert_eq!(line_of("select\n1", 10, &error), Some(10));
    assert_eq!(line_of("select\n1", 10, &error.at(8)), Some(11));
}
