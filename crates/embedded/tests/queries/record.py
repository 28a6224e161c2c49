#!/usr/bin/env python3
"""Records what a PostgreSQL server answers to statements.sql over schema.sql: rows in text form, or the error.

Usage: record.py CONNECTION. Makes a database of its own and writes expected.txt beside the inputs.
"""
import pathlib
import sys

import psycopg
from psycopg.pq import DiagnosticField as Field, ExecStatus

here = pathlib.Path(__file__).parent
base = sys.argv[1]
with psycopg.connect(base, autocommit=True) as admin:
    admin.execute("drop database if exists embedded_queries")
    admin.execute("create database embedded_queries")

out = []
with psycopg.connect(base + " dbname=embedded_queries", autocommit=True) as connection:
    connection.execute((here / "schema.sql").read_text())
    connection.execute("set timezone = 'UTC'")
    for line in (here / "statements.sql").read_text().splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        out.append(line)
        result = connection.pgconn.exec_params(line.encode(), [])
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            field = lambda which: (result.error_field(which) or b"").decode()
            place = field(Field.STATEMENT_POSITION)
            out.append(f"  ERROR {field(Field.SQLSTATE)}{' at ' + place if place else ''}: {field(Field.MESSAGE_PRIMARY)}")
            continue
        for row in range(result.ntuples):
            values = []
            for column in range(result.nfields):
                value = result.get_value(row, column)
                values.append("NULL" if value is None else value.decode().replace("\n", "\\n"))
            out.append("  " + " | ".join(values))
(here / "expected.txt").write_text("\n".join(out) + "\n")
