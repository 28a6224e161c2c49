#!/usr/bin/env python3
"""Records what a PostgreSQL server says of statements.sql: column names and types, parameter types, or the error.

Usage: record.py CONNECTION. Makes a database of its own, reads schema.sql and statements.sql beside it, writes expected.txt.
"""
import pathlib
import sys

import psycopg
from psycopg.pq import DiagnosticField as Field, ExecStatus

here = pathlib.Path(__file__).parent
base = sys.argv[1]
with psycopg.connect(base, autocommit=True) as admin:
    admin.execute("drop database if exists compile_analysis")
    admin.execute("create database compile_analysis")

out = []
with psycopg.connect(base + " dbname=compile_analysis", autocommit=True) as connection:
    connection.execute((here / "schema.sql").read_text())
    type_name = lambda oid, mod: connection.execute("select format_type(%s, %s)", (oid, mod)).fetchone()[0]
    for line in (here / "statements.sql").read_text().splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        out.append(line)
        raw = connection.pgconn
        result = raw.prepare(b"", line.encode())
        if result.status != ExecStatus.COMMAND_OK:
            field = lambda which: (result.error_field(which) or b"").decode()
            place = field(Field.STATEMENT_POSITION)
            out.append(f"  ERROR {field(Field.SQLSTATE)}{' at ' + place if place else ''}: {field(Field.MESSAGE_PRIMARY)}")
            for name, which in (("DETAIL", Field.MESSAGE_DETAIL), ("HINT", Field.MESSAGE_HINT)):
                if field(which):
                    out.append(f"  {name}: {field(which)}")
            continue
        described = raw.describe_prepared(b"")
        for at in range(described.nparams):
            out.append(f"  ${at + 1} {type_name(described.param_type(at), -1)}")
        for at in range(described.nfields):
            out.append(f"  {described.fname(at).decode()}: {type_name(described.ftype(at), described.fmod(at))}")
(here / "expected.txt").write_text("\n".join(out) + "\n")
