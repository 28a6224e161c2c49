use super::*;

#[test]
fn tables_are_sorted_for_binary_search() {
    let all = builtins();
    assert!(all.types.is_sorted_by_key(|row| row.oid));
    assert!(all.functions.is_sorted_by_key(|row| row.name));
    assert!(all.operators.is_sorted_by_key(|row| (row.symbol, row.left, row.right)));
    assert!(all.casts.is_sorted_by_key(|row| (row.source, row.target)));
    assert!(all.unsupported.is_sorted());
    assert!(all.functions_by_oid.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(all.operators_by_oid.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn every_reference_leads_somewhere() {
    let all = builtins();
    let known = |oid: Oid| oid == 0 || all.type_by_oid(oid).is_some();
    for row in all.types() {
        assert!(known(row.element) && known(row.array), "{row:?}");
        assert_eq!(all.type_by_name(row.name).map(|found| found.oid), Some(row.oid));
    }
    for row in all.functions() {
        assert!(known(row.result) && row.result != 0 && known(row.variadic), "{row:?}");
        assert!(row.args.iter().chain(&row.all_args).all(|oid| *oid != 0 && known(*oid)), "{row:?}");
        assert!(row.all_args.is_empty() || row.all_args.len() == row.modes.len(), "{row:?}");
        assert_eq!(all.function_by_oid(row.oid).map(|found| &found.args), Some(&row.args));
    }
    for row in all.operators() {
        assert!(known(row.left) && known(row.right) && known(row.result) && row.result != 0, "{row:?}");
        let function = all.function_by_oid(row.function).expect("an operator's function");
        assert_eq!(function.result, row.result, "{row:?}");
        for other in [row.commutator, row.negator] {
            assert!(other == 0 || all.operator_by_oid(other).is_some(), "{row:?}");
        }
    }
    for row in all.casts() {
        assert_eq!(row.function != 0, row.method == CastMethod::Function, "{row:?}");
        assert!(row.function == 0 || all.function_by_oid(row.function).is_some(), "{row:?}");
    }
}

#[test]
fn agrees_with_the_types_of_datum() {
    for row in builtins().types() {
        if let Some(name) = datum::oid::name_of(row.oid) {
            assert_eq!(name, row.name);
            assert_eq!(datum::oid::array_of(row.oid).unwrap_or(0), row.array, "{name}");
        }
    }
}

#[test]
fn rows_read_as_in_postgresql() {
    let all = builtins();
    let substr = all.functions_named("substr");
    assert_eq!(substr.len(), 4);
    let sum = all.functions_named("sum").iter().find(|row| *row.args == [23]).expect("sum(int4)");
    assert_eq!((sum.result, sum.source, sum.aggregate()), (20, "sum_int4", Some(AggregateKind::Normal)));
    let each = &all.functions_named("jsonb_each")[0];
    assert_eq!(each.out_columns(), [("key", 25), ("value", 3802)]);
    assert!(each.returns_set && each.strict);
    let interval = &all.functions_named("make_interval")[0];
    assert_eq!((interval.default_count, interval.arg_name(2)), (7, Some("weeks")));
    let percentile = &all.functions_named("percentile_cont")[0];
    assert_eq!(percentile.aggregate(), Some(AggregateKind::OrderedSet(1)));
    let concat = &all.functions_named("concat")[0];
    assert_eq!((concat.variadic, concat.volatility, concat.strict), (2276, Volatility::Stable, false));
    let arrow =
        all.operators_named("->>").iter().find(|row| row.left == 3802 && row.right == 25).expect("->>");
    let function = all.function_by_oid(arrow.function).expect("its function");
    assert_eq!(function.source, "jsonb_object_field_text");
    let cast = all.cast(23, 1700).expect("int4 to numeric");
    assert_eq!((cast.context, cast.method), (CastContext::Implicit, CastMethod::Function));
    assert!(all.is_unsupported(Unsupported::Type, "int4range"));
    assert!(!all.is_unsupported(Unsupported::Type, "nosuch"));
    assert!(all.is_system_relation("pg_catalog", "pg_class"));
    assert!(all.is_operator_class("text_pattern_ops", "btree"));
}
