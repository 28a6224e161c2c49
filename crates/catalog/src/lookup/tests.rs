//! Names and types as PostgreSQL 15 reads and prints them.

use super::*;
use crate::{BOOTSTRAP_ROLE, Catalog, Column, RelationKind};
use datum::oid;

fn path(catalog: &Catalog, names: &[&str]) -> SearchPath {
    SearchPath::new(catalog, names, BOOTSTRAP_ROLE)
}

fn read(text: &str) -> String {
    let catalog = Catalog::initial();
    let path = path(&catalog, &["public"]);
    let written = syntax::parse_type_name(text).expect("a type name");
    match catalog.resolve_type(&path, &written) {
        Ok(type_ref) => catalog.format_type(&path, type_ref),
        Err(error) => error.to_string(),
    }
}

#[test]
fn types_print_as_they_were_meant() {
    for (written, printed) in [
        ("numeric(2,-3)", "numeric(2,-3)"),
        ("numeric(5)", "numeric(5,0)"),
        ("numeric", "numeric"),
        ("bit", "bit(1)"),
        ("bit varying", "bit varying"),
        ("char", "character(1)"),
        ("\"char\"", "\"char\""),
        ("bpchar", "bpchar"),
        ("interval day to second(3)", "interval day to second(3)"),
        ("interval year", "interval year"),
        ("interval second", "interval second"),
        ("interval(3)", "interval(3)"),
        ("float(3)", "real"),
        ("national character varying(3)[3]", "character varying(3)[]"),
        ("int[][]", "integer[]"),
        ("timestamp(9) with time zone", "timestamp(6) with time zone"),
        ("time(2)", "time(2) without time zone"),
        ("_text", "text[]"),
        ("pg_catalog.int8", "bigint"),
        ("int2vector", "int2vector"),
        ("numeric(0)", "22023: NUMERIC precision 0 must be between 1 and 1000"),
        ("numeric(1001)", "22023: NUMERIC precision 1001 must be between 1 and 1000"),
        ("numeric(10,2000)", "22023: NUMERIC scale 2000 must be between -1000 and 1000"),
        ("numeric(1,2,3)", "22023: invalid NUMERIC type modifier"),
        ("numeric('x')", "22P02: invalid input syntax for type integer: \"x\""),
        ("varchar(0)", "22023: length for type varchar must be at least 1"),
        ("varchar(99999999)", "22023: length for type varchar cannot exceed 10485760"),
        ("char(0)", "22023: length for type char must be at least 1"),
        ("bit(0)", "22023: length for type bit must be at least 1"),
        ("text(3)", "42601: type modifier is not allowed for type \"text\""),
        ("int4(3)", "42601: type modifier is not allowed for type \"int4\""),
        ("nosuch", "42704: type \"nosuch\" does not exist"),
        ("nosuch[]", "42704: type \"nosuch[]\" does not exist"),
        ("s.nosuch", "3F000: schema \"s\" does not exist"),
        ("public.nosuch", "42704: type \"public.nosuch\" does not exist"),
        ("a.b.c.d", "42601: improper qualified name (too many dotted names): a.b.c.d"),
        // PostgreSQL has them, the embedded engine does not.
        ("int4range", "0A000: type int4range is not supported by the embedded engine"),
        // It comes with its extension.
        ("citext", "42704: type \"citext\" does not exist"),
    ] {
        assert_eq!(read(written), printed, "{written}");
    }
}

/// Two schemas with objects of one name, and what regproc and kin make of texts.
#[test]
fn objects_read_and_print_along_the_path() {
    let mut catalog = Catalog::initial();
    let apply = |catalog: &mut Catalog, name: &str| {
        let oid = catalog.allocate();
        catalog.put_schema(Schema {
            oid,
            name: name.to_owned(),
            owner: BOOTSTRAP_ROLE,
            acl: None,
            comment: None,
        });
        oid
    };
    let lk = apply(&mut catalog, "lk");
    let table = catalog.allocate();
    catalog.put_relation(relation(table, lk, "t"));
    let function = |catalog: &mut Catalog, name: &str, args: &[Oid]| {
        let oid = catalog.allocate();
        catalog.put_function(function(oid, lk, name, args));
        oid
    };
    function(&mut catalog, "f", &[oid::INT4]);
    let f_text = function(&mut catalog, "f", &[oid::TEXT]);
    let g = function(&mut catalog, "g", &[oid::INT4, oid::TEXT_ARRAY]);
    let far = path(&catalog, &["public"]);
    let near = path(&catalog, &["lk", "public"]);
    let read = |path: &SearchPath, kind: Oid, text: &str| match catalog.object_input(path, kind, text) {
        Ok(object) => catalog.object_output(path, kind, object),
        Err(error) => error.to_string(),
    };
    let procedure = 2202;
    for (path, kind, text, printed) in [
        (&far, oid::REGCLASS, "lk.t", "lk.t"),
        (&far, oid::REGCLASS, " LK . \"t\" ", "lk.t"),
        (&near, oid::REGCLASS, "t", "t"),
        (&far, oid::REGCLASS, "-", "-"),
        (&far, oid::REGCLASS, "12", "12"),
        (&far, oid::REGCLASS, "lkx.t", "3F000: schema \"lkx\" does not exist"),
        (&far, oid::REGCLASS, "nosuch", "42P01: relation \"nosuch\" does not exist"),
        (&far, oid::REGCLASS, "lk.nosuch", "42P01: relation \"lk.nosuch\" does not exist"),
        (&far, oid::REGCLASS, "a b", "42602: invalid name syntax"),
        (&far, oid::REGCLASS, "\"a", "42602: invalid name syntax"),
        (&far, oid::REGCLASS, "", "42602: invalid name syntax"),
        (&far, oid::REGTYPE, "int", "integer"),
        (&far, oid::REGTYPE, "varchar(3)", "character varying"),
        (&far, oid::REGTYPE, "nosuch", "42704: type \"nosuch\" does not exist"),
        (&far, oid::REGPROC, "lk.g", "lk.g"),
        (&near, oid::REGPROC, "g", "g"),
        (&far, oid::REGPROC, "now", "now"),
        (&far, oid::REGPROC, "lk.f", "42725: more than one function named \"lk.f\""),
        (&far, oid::REGPROC, "nosuch", "42883: function \"nosuch\" does not exist"),
        (&far, procedure, "lk.f(text)", "lk.f(text)"),
        (&far, procedure, "lk.g(int,text[])", "lk.g(integer,text[])"),
        (&far, procedure, "lower(text)", "lower(text)"),
        (&far, procedure, "lk.f(bool)", "42883: function \"lk.f(bool)\" does not exist"),
        (&far, oid::REGROLE, "supabase_admin", "supabase_admin"),
        (&far, oid::REGROLE, "nosuch", "42704: role \"nosuch\" does not exist"),
        (&far, oid::REGNAMESPACE, "lk", "lk"),
        (&far, oid::REGNAMESPACE, "nosuch", "3F000: schema \"nosuch\" does not exist"),
    ] {
        assert_eq!(read(path, kind, text), printed, "{text}");
    }
    assert_eq!(catalog.object_input(&near, procedure, "f(text)"), Ok(f_text));
    assert_eq!(catalog.object_input(&near, oid::REGPROC, "g"), Ok(g));
    assert_eq!(catalog.object_input(&near, oid::REGCLASS, "t"), Ok(table));
}

fn relation(oid: Oid, schema: Oid, name: &str) -> Relation {
    Relation {
        oid,
        schema,
        name: name.to_owned(),
        kind: RelationKind::Table,
        owner: BOOTSTRAP_ROLE,
        row_type: 0,
        columns: Vec::<Column>::new(),
        next_column: 1,
        constraints: Vec::new(),
        policies: Vec::new(),
        triggers: Vec::new(),
        row_security: false,
        force_row_security: false,
        acl: None,
        granted_explicitly: false,
        view: None,
        sequence: None,
        replica_identity: None,
        options: Vec::new(),
        comment: None,
        is_partition: false,
        persistence: crate::Persistence::Permanent,
        unpopulated: false,
    }
}

fn function(oid: Oid, schema: Oid, name: &str, args: &[Oid]) -> Function {
    let parameter = |oid: &Oid| crate::Parameter {
        name: None,
        mode: syntax::ast::ParameterMode::In,
        type_ref: TypeRef { oid: *oid, modifier: -1 },
        default: None,
    };
    Function {
        oid,
        schema,
        name: name.to_owned(),
        owner: BOOTSTRAP_ROLE,
        kind: FunctionKind::Function,
        parameters: args.iter().map(parameter).collect(),
        returns: TypeRef { oid: oid::INT4, modifier: -1 },
        returns_set: false,
        language: "sql".to_owned(),
        body: "select 1".to_owned(),
        volatility: Volatility::Volatile,
        strict: false,
        security_definer: false,
        leakproof: false,
        rows: 0.0,
        settings: Vec::new(),
        form: crate::BodyForm::Text,
        acl: None,
        comment: None,
        extension: None,
    }
}
