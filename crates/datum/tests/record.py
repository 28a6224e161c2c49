#!/usr/bin/env python3
"""Asks a real PostgreSQL 15 what every case in cases/*.txt gives and writes data/*.jsonl.

psql finds the server by its environment (PGHOST, PGUSER …); a database is made and dropped for it.
UTF-8, C collation. Lines of a case file:

    @zone America/New_York          session time zone from here on (UTC at the start of a file)
    input numeric(5,2)              the following rows are texts for the type's input function
    json timestamptz                … whose value goes through to_json
    cast numeric int4               … whose value is cast explicitly
    round(numeric,int4)             the following rows are arguments, separated by ` | `
    concat(text,int4) = text_concat    the same, the implementation named where the call does not tell it
    set unnest(int4[])              a set-returning function
    agg sum(int4)                   an aggregate; rows of the group separated by ` ;; `

\\N is NULL, ∅ the empty text, ␤ a line feed, ␉ a tab. Empty lines and lines that begin with # are skipped.
"""
import glob, json, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATABASE = "datum_record"
# Types without a fixed OID in PostgreSQL, under the OIDs that the tests give them.
OURS = {"citext": 9001, "citext[]": 9002, "mood": 20001, "mood[]": 20002, "pair": 20003, "pair[]": 20004,
        "positive": 20005}
SETUP = """
create extension citext; create extension "uuid-ossp"; create extension pgcrypto; create extension pg_trgm;
create extension fuzzystrmatch; create extension vector;
create type mood as enum ('sad', 'ok', 'so "happy"');
create type pair as (a int4, b text);
create domain positive as int4 check (value > 0);
create function ask(query text) returns json language plpgsql as $$
declare result json; c text; m text; d text; h text;
begin
  execute query into result;
  return result;
exception when others then
  get stacked diagnostics c = returned_sqlstate, m = message_text, d = pg_exception_detail, h = pg_exception_hint;
  return json_build_object('error', json_build_array(c, m, d, h));
end $$;
create function show(anyelement) returns text language plpgsql as $$
begin return case when num_nulls($1) = 1 then null else format('%s', $1) end; end $$;
"""


def psql(script, database=DATABASE):
    run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-d", database, "-v", "ON_ERROR_STOP=1"],
                         input=script, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr[-2000:])
    return run.stdout


def quote(text):
    return "$q$" + text + "$q$"


def literal(text, type_name):
    return f"NULL::{type_name}" if text is None else f"{quote(text)}::{type_name}"


def value_of(text):
    text = text.replace("␤", "\n").replace("␉", "\t")
    return None if text == "\\N" else text.replace("∅", "")


def split_types(text):
    parts, depth, current = [], 0, ""
    for c in text:
        depth += c == "("
        depth -= c == ")"
        if c == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    if current.strip():
        parts.append(current.strip())
    return parts


def read(path):
    zone, header = "UTC", None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        if line.startswith("@zone "):
            zone = line[6:]
            continue
        words = line.split(" ")
        if not line.startswith(" "):
            if words[0] in ("input", "json"):
                header = (words[0], [line.split(" ", 1)[1]], None, None)
            elif words[0] == "cast":
                source, target = line.split(" ", 1)[1].rsplit(" ", 1)
                header = ("cast", [source, target], None, None)
            else:
                kind = words[0] if words[0] in ("set", "agg") else "call"
                rest = line.split(" ", 1)[1] if kind != "call" else line
                name, prosrc = rest.split(" = ") if " = " in rest else (rest, None)
                proname, types = name.split("(", 1)
                header = (kind, split_types(types.strip()[:-1]), proname, prosrc)
            continue
        yield f"{os.path.basename(path)}:{number}", zone, header, line[4:]


def function_lookup(kind, types, proname, prosrc):
    """A query for prosrc, strictness and result type."""
    if prosrc:
        return f"select json_build_array({quote(prosrc)}, null, null)"
    names = ",".join(t.replace("variadic ", "") for t in types)
    signature = f"{proname}({names})"
    return f"""select coalesce(
      (select json_build_array(case when prosqlbody is not null or l.lanname = 'sql' then proname || coalesce((select '_' || string_agg(t.typname, '_' order by ord)
          from unnest(proargtypes) with ordinality as a(ty, ord) join pg_type t on t.oid = ty), '') else prosrc end, proisstrict, prorettype::int8)
        from pg_proc p join pg_language l on l.oid = prolang where p.oid = to_regprocedure({quote(signature)})),
      (select case when count(distinct prosrc) = 1 then json_build_array(min(prosrc), bool_and(proisstrict), min(prorettype::int8)) end
        from pg_proc where proname = {quote(proname)} and (pronargs = {len(types)} or provariadic <> 0)))"""


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "functions":
        return functions()
    psql(f"drop database if exists {DATABASE}", "postgres")
    psql(f"create database {DATABASE} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'", "postgres")
    psql(SETUP)
    only = sys.argv[1:]
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*.txt"))):
        name = os.path.basename(path)[:-4]
        if only and name not in only:
            continue
        record(path, os.path.join(HERE, "data", name + ".jsonl"))
    psql(f"drop database {DATABASE}", "postgres")


def type_oid(name):
    return f"(select case {quote(name)} " + " ".join(f"when {quote(k)} then {v}" for k, v in OURS.items()) + \
        f" else {quote(name)}::regtype::oid::int8 end)"


def type_map(expression):
    return f"(select case pg_typeof({expression})::text " + " ".join(f"when {quote(k)} then {v}" for k, v in OURS.items()) + \
        f" else pg_typeof({expression})::oid::int8 end)"


def record(path, target):
    cases = list(read(path))
    script = ["set client_min_messages = error;", "set statement_timeout = 5000;", "begin;"]
    zone_now = None
    for place, zone, (kind, types, proname, prosrc), row in cases:
        if zone != zone_now:
            script.append(f"set timezone = {quote(zone)};")
            zone_now = zone
        bare = [t.replace("variadic ", "") for t in types]
        plain = [t.split("(")[0] if not t.endswith("[]") else t for t in bare]
        head = f"json_build_array({', '.join(type_oid(t) for t in plain) if plain else ''})"
        if kind in ("input", "json"):
            text = value_of(row)
            if "(" in types[0]:
                modifier = f"(select atttypmod from pg_attribute where attrelid = 'typed'::regclass and attnum = 1)"
                script.append(f"create temp table typed (x {types[0]});")
                script.append("create or replace function pg_temp.take(t text) returns text language plpgsql as $f$ begin "
                              f"execute format('insert into typed values (%L)', t); return (select show(x) from typed order by ctid desc limit 1); end $f$;")
                query = f"select json_build_object('value', pg_temp.take({quote(text)}))"
            else:
                modifier = "-1"
                value = literal(text, types[0])
                query = f"select json_build_object('value', {'show(to_json(' + value + '))' if kind == 'json' else 'show(' + value + ')'})"
            lookup = f"select json_build_array({modifier})"
            arguments = [text]
        elif kind == "cast":
            arguments = [value_of(row)]
            modifier = "-1"
            value = f"({literal(arguments[0], types[0])})::{types[1]}"
            query = f"select json_build_object('value', show({value}), 'type', {type_map(value)})"
            lookup = f"""select json_build_array((select case when castmethod = 'f' then (select prosrc from pg_proc where oid = castfunc) else castmethod::text end
                from pg_cast where castsource = {quote(plain[0])}::regtype and casttarget = {quote(plain[1])}::regtype), {quote(types[1])})"""
        elif kind == "agg":
            rows = [[value_of(v) for v in r.split(" | ")] for r in row.split(" ;; ")] if row else []
            arguments = rows
            columns = [f"c{i}" for i in range(len(types))]
            values = ", ".join("(" + ", ".join([str(n)] + [literal(v, t) for v, t in zip(r, bare)]) + ")" for n, r in enumerate(rows))
            if not rows:
                values = "(" + ", ".join(["0"] + [f"NULL::{t}" for t in bare]) + ")"
            source = f"(select * from (values {values}) as v({', '.join(['n'] + columns)}) {'where false' if not rows else ''} order by n) as v"
            value = f"{proname}({', '.join(columns) if columns else '*'})"
            query = f"select json_build_object('value', show(x), 'type', {type_map('x')}) from (select {value} as x from {source}) as y"
            lookup = f"""select json_build_array((select proname || coalesce((select '_' || string_agg(t.typname, '_' order by ord)
                from unnest(proargtypes) with ordinality as a(ty, ord) join pg_type t on t.oid = ty), '') from pg_proc
                where prokind = 'a' and oid = coalesce(to_regprocedure({quote(f"{proname}({','.join(bare)})")})::oid,
                  (select min(oid) from pg_proc where prokind = 'a' and proname = {quote(proname)} and pronargs = {len(types)}))))"""
        else:
            arguments = [value_of(v) for v in row.split(" | ")] if types else []
            if len(arguments) != len(types):
                sys.exit(f"{place}: {len(arguments)} arguments for {len(types)} types")
            shown = ", ".join(("variadic " if t.startswith("variadic ") else "") + literal(a, b) for a, t, b in zip(arguments, types, bare))
            call = f'"{proname}"({shown})'
            if kind == "set":
                query = ("SET", call)
            else:
                query = f"select json_build_object('value', show({call}), 'type', {type_map(call)})"
            lookup = function_lookup(kind, types, proname, prosrc)
        if isinstance(query, tuple):
            # Rows as text arrays: every column by its output function.
            call = query[1]
            ours = " ".join(f"when {quote(k)} then {v}" for k, v in OURS.items())
            script.append(f"""create or replace function pg_temp.rows_of() returns json language plpgsql as $f$
declare result json; columns text; types json;
begin
  drop table if exists rows_probe;
  execute $p$create temp table rows_probe as select r.* from {call} as r$p$;
  select string_agg(format('case when num_nulls(%1$I) = 1 then null else format(''%%s'', %1$I) end', attname), ', ' order by attnum), json_agg(case atttypid::regtype::text {ours} else atttypid::int8 end order by attnum)
    into columns, types from pg_attribute where attrelid = 'rows_probe'::regclass and attnum > 0;
  execute format('select coalesce(json_agg(json_build_array(%s) order by ctid), ''[]'') from rows_probe', columns) into result;
  return json_build_object('rows', result, 'types', types);
end $f$;""")
            query = "select pg_temp.rows_of()"
        meta = json.dumps({"place": place, "zone": zone, "kind": kind, "arguments": arguments}, ensure_ascii=False)
        script.append(f"select json_build_array({quote(meta)}::json, {head}, ({lookup}), ask({quote2(query)}));")
        if kind == "input" and "(" in types[0]:
            script.append("drop table typed cascade;")
    script.append("rollback;")
    out = []
    for line in psql("\n".join(script)).splitlines():
        if not line.strip():
            continue
        meta, types, lookup, answer = json.loads(line)
        meta["types"] = types
        meta["lookup"] = lookup
        meta["answer"] = answer
        out.append(json.dumps(meta, ensure_ascii=False))
    assert len(out) == len(cases), (len(out), len(cases))
    with open(target, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")
    print(os.path.basename(target), len(out))


def quote2(text):
    return "$query$" + text + "$query$"


def functions():
    """Writes data/functions.tsv: what PostgreSQL says of every internal and C function of the types we know."""
    psql(f"drop database if exists {DATABASE}", "postgres")
    psql(f"create database {DATABASE} template template0", "postgres")
    psql(SETUP)
    rows = psql("""select distinct case when prosqlbody is not null or l.lanname = 'sql' then proname || coalesce((select '_' || string_agg(t.typname, '_' order by ord)
          from unnest(proargtypes) with ordinality as a(ty, ord) join pg_type t on t.oid = ty), '') else prosrc end as name, proisstrict, provolatile, proretset
        from pg_proc p join pg_language l on l.oid = prolang
        where prokind = 'f' and (l.lanname in ('internal', 'c') or prosqlbody is not null or l.lanname = 'sql') and pronamespace <> 'information_schema'::regnamespace
        order by 1""")
    with open(os.path.join(HERE, "data", "functions.tsv"), "w", encoding="utf-8") as f:
        f.write(rows.replace("|", "\t"))
    psql(f"drop database {DATABASE}", "postgres")


if __name__ == "__main__":
    main()
