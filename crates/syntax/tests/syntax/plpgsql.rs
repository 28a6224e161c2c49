//! Bodies of PL/pgSQL functions.

use syntax::ast;
use syntax::plpgsql::{Body, Conflict, DeclaredType, Statement, parse};

fn body(text: &str) -> Body {
    parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn error(text: &str) -> String {
    match parse(text) {
        Ok(body) => panic!("{body:?}"),
        Err(error) => error.to_string(),
    }
}

/// What each statement is, in a word or two.
fn kinds(statements: &[Statement]) -> Vec<String> {
    let dotted =
        |names: &[Vec<String>]| names.iter().map(|parts| parts.join(".")).collect::<Vec<_>>().join(",");
    statements
        .iter()
        .map(|statement| match statement {
            Statement::Block(block) => format!("block[{}]", kinds(&block.statements).join(" ")),
            Statement::Assign { target, .. } => format!("{}:=", target.join(".")),
            Statement::Sql { verb, into: None, .. } => verb.clone(),
            Statement::Sql { verb, into: Some(into), .. } => {
                format!("{verb}>{}{}", if into.strict { "!" } else { "" }, dotted(&into.targets))
            }
            Statement::Perform(_) => "perform".to_owned(),
            Statement::Return(value) => if value.is_some() { "return" } else { "return;" }.to_owned(),
            Statement::Null => "null".to_owned(),
            Statement::If { arms, otherwise } => {
                let arms: Vec<_> = arms.iter().map(|(_, body)| kinds(body).join(" ")).collect();
                format!("if[{}|{}]", arms.join("|"), kinds(otherwise).join(" "))
            }
            Statement::Loop { body, .. } => format!("loop[{}]", kinds(body).join(" ")),
            Statement::Leave { exit, .. } => if *exit { "exit" } else { "continue" }.to_owned(),
            Statement::Raise(_) => "raise".to_owned(),
            Statement::Execute { into, .. } => if into.is_some() { "execute>" } else { "execute" }.to_owned(),
            Statement::ReturnNext(value) => format!("next{}", u8::from(value.is_some())),
            Statement::ReturnQuery(_) => "query".to_owned(),
            Statement::ReturnExecute { using, .. } => format!("query-execute{}", using.len()),
            Statement::Diagnostics { items, .. } => format!("diagnostics{}", items.len()),
            Statement::Unsupported(what) => format!("refused {what}"),
        })
        .collect()
}

fn shown(text: &str) -> String {
    kinds(&body(text).block.statements).join(" ")
}

#[test]
fn the_bodies_of_every_tutorial() {
    let sign_up = "
begin
  insert into public.profiles (id, full_name, avatar_url)
  values (new.id, new.raw_user_meta_data->>'full_name', new.raw_user_meta_data ->> 'avatar_url')
  on conflict (id) do update set full_name = excluded.full_name;
  return new;
end;
";
    assert_eq!(shown(sign_up), "INSERT return");
    assert_eq!(shown("BEGIN NEW.updated_at = NOW(); RETURN NEW; END;"), "new.updated_at:= return");
    assert_eq!(shown("BEGIN\n  NEW.\"updatedAt\" := now();\n  RETURN NEW;\nEND"), "new.updatedAt:= return");
}

#[test]
fn statements_and_their_targets() {
    assert_eq!(
        shown(
            "begin select a, (select count(*) from x) into v, new.n from t where b = ';'; update t set a = 1 returning a into strict v;
             with w as (insert into l values (1) returning *) select * into r from w; select into a, b c, d from t;
             perform f(1); null; return null; end"
        ),
        "SELECT>v,new.n UPDATE>!v WITH>r SELECT>a,b perform null return"
    );
    let text = "begin select into strict v count(*) from t; insert into t select 1; delete from t; end";
    assert_eq!(shown(text), "SELECT>!v INSERT DELETE");
    let Statement::Sql { statement, .. } = &body(text).block.statements[0] else { panic!("no statement") };
    assert!(matches!(**statement, ast::Statement::Select(_)));
}

#[test]
fn declarations() {
    let body = body(
        "#variable_conflict use_column
         <<outermost>>
         declare
           a int := 1; -- one; with a comment
           b constant text not null default 'x';
           c public.t.d%type;
           e a%TYPE = 2;
           f t%rowtype;
           g record;
           h numeric(10, 2)[];
           i timestamp with time zone;
           j text collate \"C\";
         begin
           <<inner_block>>
           declare k int; begin k := 1; end inner_block;
           begin null; end;
         end outermost;",
    );
    assert_eq!(body.conflict, Conflict::UseColumn);
    assert_eq!(body.block.label.as_deref(), Some("outermost"));
    let declarations = &body.block.declarations;
    let names: Vec<_> = declarations.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "e", "f", "g", "h", "i", "j"]);
    assert!(declarations[1].constant && declarations[1].not_null && declarations[1].default.is_some());
    assert!(matches!(&declarations[2].ty, DeclaredType::Named(name) if name.percent_type));
    assert_eq!(declarations[3].ty, DeclaredType::OfVariable("a".to_owned()));
    assert!(matches!(&declarations[4].ty, DeclaredType::RowOf(name) if name.parts == ["t"]));
    assert_eq!(declarations[5].ty, DeclaredType::Record);
    assert_eq!(kinds(&body.block.statements), ["block[k:=]", "block[null]"]);
}

#[test]
fn what_is_for_later_has_a_name() {
    for (text, name) in [
        ("begin if a then return new; end if; return old; end", "refused IF"),
        ("begin a := 1; <<l>> loop exit l; end loop; end", "a:= refused LOOP"),
        ("begin for r in select 1 loop null; end loop; end", "refused FOR"),
        ("begin raise exception 'x % y; z', a using errcode = '1'; end", "refused RAISE"),
        ("begin null; exception when others then null; end", "null refused EXCEPTION"),
        ("begin execute format('x', 1); end", "refused EXECUTE"),
        ("begin get diagnostics a = row_count; end", "refused GET DIAGNOSTICS"),
        ("begin return query select 1; end", "refused RETURN QUERY"),
        ("begin return next; end", "refused RETURN NEXT"),
        ("begin case a when 1 then null; end case; end", "refused CASE"),
        ("begin a[1] := 2; end", "refused assigning an element of an array"),
        (
            "declare c cursor for select 1; begin null; end",
            "refused a cursor or an ALIAS among its declarations",
        ),
        ("begin begin while true loop null; end loop; end; end", "block[refused WHILE]"),
    ] {
        assert_eq!(shown(text), name, "{text}");
    }
}

#[test]
fn what_is_no_body() {
    for (text, message) in [
        ("", "syntax error at end of input"),
        ("select 1", "syntax error at or near \"select\""),
        ("begin return new; ", "syntax error at end of input"),
        ("begin return new end", "syntax error at end of input"),
        ("begin a := ; end", "missing expression at or near \";\""),
        ("begin a := (1; end", "mismatched parentheses"),
        ("begin select 1 into a into b; end", "INTO specified more than once"),
        ("begin insert in t; end", "syntax error at or near \"in\""),
        ("begin null; end; garbage", "syntax error at or near \"garbage\""),
        ("<<a>> begin null; end b", "end label \"b\" differs from block's label \"a\""),
        ("begin null; end b", "end label \"b\" specified for unlabeled block"),
        ("declare a; begin null; end", "missing data type declaration"),
        ("begin a := 'unterminated; end", "unterminated quoted string"),
        ("#nonsense x begin end", "syntax error at or near \"nonsense\""),
        ("begin ; end", "syntax error at or near \";\""),
    ] {
        let found = error(text);
        assert!(found.contains(message), "{text}: {found}");
    }
}

#[test]
fn nothing_panics() {
    let text = "<<l>> declare a int := 1; r record; begin select a into strict r.b, c from t; new.x := (a); return new; end l;";
    for end in 0..=text.len() {
        let _ = parse(&text[..end]);
        let _ = parse(&text[end..]);
    }
    let _ = parse(&"begin ".repeat(1000));
    let _ = parse(&"<<a>> begin ".repeat(1000));
    let _ = parse(&format!("begin a := {}", "(".repeat(5000)));
}

#[test]
fn the_bodies_of_do_are_read_whole() {
    let read = |text: &str| match syntax::plpgsql::parse_block(text) {
        Ok(body) => {
            let caught = body.block.handlers.len();
            format!("{} caught {caught}", kinds(&body.block.statements).join(" "))
        }
        Err(error) => format!("{}: {}", error.code(), error.message()),
    };
    assert_eq!(
        read(
            "begin if case when a then b end then null; elsif x then perform 1; else raise notice 'n'; end if; end"
        ),
        "if[null|perform|raise] caught 0"
    );
    assert_eq!(
        read(
            "begin for i in reverse 3..1 by 2 loop continue when i = 2; end loop; while a loop exit; end loop; end"
        ),
        "loop[continue] loop[exit] caught 0"
    );
    assert_eq!(
        read(
            "begin for r in (select 1) loop null; end loop; foreach x in array a loop execute 'a' || x into y using 1, 2; \
             end loop; get diagnostics n = row_count; exception when duplicate_object or sqlstate '42P07' then null; \
             when others then raise; end"
        ),
        "loop[null] loop[execute>] diagnostics1 caught 2"
    );
    assert_eq!(read("begin raise notice '%'; end"), "42601: too few parameters specified for RAISE");
    assert_eq!(
        read("begin null; exception when nothing_such then null; end"),
        "42704: unrecognized exception condition \"nothing_such\""
    );
    assert!(read("begin if a then null; end").starts_with("42601"), "an IF that does not end");
}
