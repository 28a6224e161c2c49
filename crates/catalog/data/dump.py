#!/usr/bin/env python3
"""Writes the tables of built-in objects from a PostgreSQL 15 server.

Needs psql and CREATE DATABASE on the server that libpq's environment (PGHOST, PGUSER …) names. Run in this folder:

    PGHOST=… PGUSER=postgres ./dump.py

The rows come from the system catalogs of a fresh database with the extensions below. See COPYRIGHT-PostgreSQL for the
licence of the data. Columns are described in ../src/builtin.rs.
"""

import os
import subprocess

DATABASE = "bedplate_dump"

# The types that Bedplate knows, arrays aside. What takes or gives another type is left out of the tables; its name
# stays in unsupported.tsv, so that its use is refused and not called unknown.
TYPES = """
bool bytea char name int8 int2 int2vector int4 regproc text oid oidvector json xml cidr float4 float8 unknown inet
bpchar varchar date time timestamp timestamptz interval timetz bit varbit numeric regclass regtype regprocedure regrole
regnamespace regconfig pg_node_tree record cstring any anyarray void trigger event_trigger internal anyelement anynonarray anyenum
anyrange anymultirange anycompatible anycompatiblearray anycompatiblenonarray uuid tsvector tsquery jsonb jsonpath xid
refcursor
""".split()

# Extensions in contrib whose objects are known; the rest of what CREATE EXTENSION takes is in ../src/ddl/extension.rs.
EXTENSIONS = ["citext", "uuid-ossp", "pgcrypto", "pg_trgm", "unaccent", "moddatetime", "fuzzystrmatch"]
# pgvector 0.8, to be installed beside the server.
EXTENSIONS.append("vector")

# Objects of extensions have no fixed OID in PostgreSQL. Ours lie in a range that PostgreSQL keeps free.
OWN_TYPES = {
    "citext": "9001", "_citext": "9002", "vector": "9004", "_vector": "9005",
    # Not offered; here so that a call is as ambiguous as it is there.
    "halfvec": "9006", "_halfvec": "9007", "sparsevec": "9008", "_sparsevec": "9009",
}
# Numbers that were given stay: what came later has a range of its own.
FIRST_OF_EXTENSION = {"vector": 9300}
FIRST_EXTENSION_OID = 9100


def psql(sql, database=DATABASE):
    out = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
        check=True, capture_output=True, text=True,
    ).stdout
    return [line.split("\t") for line in out.splitlines()]


def write(name, rows):
    with open(name, "w", encoding="utf-8") as file:
        for row in rows:
            assert all("\t" not in str(field) and "\n" not in str(field) for field in row), row
            file.write("\t".join(str(field) for field in row) + "\n")


def extension_of(catalog):
    return f"""coalesce((select e.extname from pg_depend d join pg_extension e on e.oid = d.refobjid
        where d.classid = '{catalog}'::regclass and d.objid = o.oid and d.refclassid = 'pg_extension'::regclass
        and d.deptype = 'e' and e.extname <> 'plpgsql'), '')"""


def system_relations(known):
    """The tables and views of pg_catalog and information_schema with their columns. Domains are the types below them, access
    lists are texts; a type that is not known is text."""
    columns = psql("""select n.nspname, c.relname, c.oid, c.relkind, a.attname,
        case t.typtype when 'd' then t.typbasetype else t.oid end, a.attnotnull,
        case t.typtype when 'd' then t.typtypmod else a.atttypmod end
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        join pg_type t on t.oid = a.atttypid
        where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') and a.attnum > 0
        order by n.nspname collate "C", c.relname collate "C", a.attnum""")
    text, text_array, acl = "25", "1009", "1034"
    rows = {}
    for schema, name, oid, kind, column, ty, not_null, modifier in columns:
        ty = text_array if ty == acl else ty if ty in known else text
        # Views have no fixed OID in PostgreSQL; theirs are ours, in a range that it keeps free.
        if int(oid) >= 12000:
            oid = str(15000 + len(rows))
        row = rows.setdefault((schema, name), [schema, name, oid, kind, []])
        row[4].append(f"{column} {ty} {not_null}" + (f" {modifier}" if modifier != "-1" else ""))
    return [row[:4] + [",".join(row[4])] for row in rows.values()]


def main():
    if os.environ.get("BEDPLATE_DUMP_KEEP") is None:
        psql(f"drop database if exists {DATABASE}", "postgres")
        psql(f"create database {DATABASE} template template0", "postgres")
        psql("create schema extensions")
        for extension in EXTENSIONS:
            psql(f'create extension "{extension}" schema extensions')
    # What regtype and regproc columns print must be qualified outside pg_catalog.
    own = "o.{}namespace in ('pg_catalog'::regnamespace, 'extensions'::regnamespace)"

    types = psql(f"""select o.oid, o.typname, o.typlen, o.typbyval, o.typtype, o.typcategory, o.typispreferred,
        o.typelem, o.typarray, o.typcollation <> 0, o.typsubscript::oid <> 0, {extension_of('pg_type')},
        i.provolatile, u.provolatile
        from pg_type o join pg_proc i on i.oid = o.typinput join pg_proc u on u.oid = o.typoutput where {own.format('typ')} and o.typtype in ('b', 'p', 'r', 'm') order by o.oid""")
    names = {row[0]: row[1] for row in types}
    known = {oid for oid, name in names.items() if name in TYPES or name in OWN_TYPES}
    known |= {row[8] for row in types if row[0] in known and row[8] != "0"}
    renumber = {}
    for row in types:
        if row[1] in OWN_TYPES:
            renumber[row[0]] = OWN_TYPES[row[1]]
    new = lambda oid: renumber.get(oid, oid)
    list_of = lambda text: text.split() if text else []
    unsupported = [("type", row[1]) for row in types if row[0] not in known and not row[1].startswith("_")]
    rows = []
    for row in types:
        if row[0] in known:
            row = list(row)
            for column in (0, 7, 8):
                row[column] = new(row[column])
            rows.append(row)
    rows.sort(key=lambda row: int(row[0]))
    write("types.tsv", rows)

    functions = psql(f"""select o.oid, o.proname, o.prokind, o.proargtypes::text,
        coalesce(array_to_string(o.proallargtypes, ' '), ''), coalesce(array_to_string(o.proargmodes, ''), ''),
        coalesce(array_to_string(o.proargnames, ','), ''), o.provariadic, o.prorettype, o.proretset, o.proisstrict,
        o.provolatile, o.proleakproof, o.pronargdefaults,
        coalesce(pg_get_expr(o.proargdefaults, 0), ''), l.lanname, o.prosrc,
        coalesce(a.aggkind::text, ''), coalesce(a.aggnumdirectargs, 0), o.prosupport::oid <> 0, {extension_of('pg_proc')}
        from pg_proc o join pg_language l on l.oid = o.prolang left join pg_aggregate a on a.aggfnoid = o.oid
        where {own.format('pro')} and o.prosrc !~ E'\\n' order by o.oid""")
    hidden = {oid for oid, name in names.items() if name in ("internal", "cstring")}
    keep, by_name, dropped = [], {}, set()
    for row in functions:
        oids = list_of(row[3]) + list_of(row[4]) + [row[8]]
        if all(oid in known and oid not in hidden for oid in oids):
            keep.append(list(row))
        else:
            dropped.add(row[1])
    multiline = psql(f"select o.proname from pg_proc o where {own.format('pro')} and o.prosrc ~ E'\\n'")
    dropped |= {row[0] for row in multiline}
    keep.sort(key=lambda row: (row[1].encode(), [int(new(oid)) for oid in list_of(row[3])], row[20]))
    fresh = dict(FIRST_OF_EXTENSION)

    def number(oid, extension):
        """Gives an object of an extension a number of ours."""
        range_of = extension if extension in fresh else ""
        renumber[oid] = str(fresh.setdefault(range_of, FIRST_EXTENSION_OID))
        fresh[range_of] += 1

    rows = []
    for row in keep:
        (oid, name, kind, args, all_args, modes, arg_names, variadic, result, retset, strict, volatility, leakproof,
         default_count, defaults, language, source, aggregate, direct, support, extension) = row
        if extension:
            number(oid, extension)
        by_name.setdefault(name, []).append(row)
        # Functions in SQL and aggregates have no symbol of their own: name and argument types make one.
        if language == "sql" or aggregate:
            source = "_".join([name] + [names[arg] for arg in list_of(args)])
        rows.append([
            new(oid), name, kind, ",".join(new(arg) for arg in list_of(args)),
            ",".join(new(arg) for arg in list_of(all_args)), modes, arg_names, new(variadic), new(result), retset,
            strict, volatility, leakproof, default_count, defaults, source, aggregate, direct, extension,
        ])
    write("functions.tsv", rows)
    unsupported += [("function", name) for name in dropped if name not in by_name]

    functions_kept = {row[0] for row in keep}
    operators = psql(f"""select o.oid, o.oprname, o.oprleft, o.oprright, o.oprresult, o.oprcode::oid, o.oprcom,
        o.oprnegate, o.oprcanhash, o.oprcanmerge, {extension_of('pg_operator')} from pg_operator o
        where {own.format('opr')} order by o.oid""")
    keep = [row for row in operators
            if all(oid in known or oid == "0" for oid in row[2:5]) and row[5] in functions_kept]
    keep.sort(key=lambda row: (row[1].encode(), int(new(row[2])), int(new(row[3]))))
    kept = {row[0] for row in keep}
    for row in keep:
        if row[10]:
            number(row[0], row[10])
    rows = []
    for row in keep:
        row = list(row)
        for column in (6, 7):
            if row[column] not in kept:
                row[column] = "0"
        rows.append([new(row[0]), row[1]] + [new(oid) for oid in row[2:8]] + row[8:])
    write("operators.tsv", rows)
    symbols = {row[1] for row in keep}
    unsupported += [("operator", row[1]) for row in operators if row[1] not in symbols]

    casts = psql("""select o.castsource, o.casttarget, o.castfunc, o.castcontext, o.castmethod from pg_cast o
        order by o.castsource, o.casttarget""")
    keep = [row for row in casts
            if row[0] in known and row[1] in known and (row[2] in functions_kept or row[2] == "0")]
    rows = [[new(row[0]), new(row[1]), new(row[2]), row[3], row[4]] for row in keep]
    rows.sort(key=lambda row: (int(row[0]), int(row[1])))
    write("casts.tsv", rows)

    classes = psql("""select c.opcname, m.amname from pg_opclass c join pg_am m on m.oid = c.opcmethod
        order by c.opcname, m.amname""")
    unsupported += [("class", " ".join(row)) for row in classes]
    relations = psql("""select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')""")
    unsupported += [("relation", row[0]) for row in relations]
    write("relations.tsv", system_relations(known))
    write("unsupported.tsv", sorted(set(unsupported), key=lambda row: (row[0], row[1].encode())))
    psql(f"drop database {DATABASE}", "postgres")


if __name__ == "__main__":
    main()
