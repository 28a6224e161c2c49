"""Records what PostgreSQL 15's parser says to the statements of tests/statements, one on each line.

Usage: record.py libpq-connection-string

Each statement is sent in a failed transaction: the parser judges it, then PostgreSQL refuses to run it (25P02), so that nothing
is analysed and nothing happens; those of analysed.sql are run, and rolled back. In a statement ␤ stands for a line break. The answers go to tests/recorded, line by line:
`ok`, or code, position, message and hint with tabs between them.
"""

import pathlib
import sys

import psycopg2

here = pathlib.Path(__file__).resolve().parent.parent / "tests"
connection = psycopg2.connect(sys.argv[1])
connection.autocommit = True
cursor = connection.cursor()


def fail_transaction():
    cursor.execute("rollback")
    cursor.execute("begin")
    try:
        cursor.execute("select 1/0")
    except psycopg2.Error:
        pass


def judge(statement, analyse):
    try:
        if analyse:
            cursor.execute("rollback")
            cursor.execute("begin")
        cursor.execute(statement)
        fail_transaction()
    except psycopg2.Error as error:
        if error.pgcode != "25P02" and not error.pgcode.startswith("3B"):
            diagnostics = error.diag
            fields = (error.pgcode, diagnostics.statement_position or "0", diagnostics.message_primary, diagnostics.message_hint or "")
            return "\t".join(fields)
    return "ok"


fail_transaction()
for path in sorted((here / "statements").glob("*.sql")):
    lines = path.read_text().splitlines()
    answers = [judge(line.replace("␤", "\n"), path.stem == "analysed") for line in lines]
    (here / "recorded" / path.name.replace(".sql", ".txt")).write_text("\n".join(answers) + "\n")
    print(path.name, len(answers), sum(answer == "ok" for answer in answers), "ok")

# How PostgreSQL reads operators: each expression as its catalog writes it back, with all parentheses.
cursor.execute("rollback")
cursor.execute("begin")
cursor.execute(
    "create temp table t (a int, b int, c int, d int, f float8, g float8, p bool, q bool, r bool, s bool,"
    " x text, y text, j jsonb, m timestamptz, n int[])"
)
answers = []
for line in (here / "statements" / "precedence.list").read_text().splitlines():
    cursor.execute(f"create temp view v as select {line} as z from t")
    cursor.execute("select pg_get_viewdef('v'::regclass)")
    text = " ".join(cursor.fetchone()[0].split())
    answers.append(text.removeprefix("SELECT ").removesuffix(" AS z FROM t;"))
    cursor.execute("drop view v")
(here / "recorded" / "precedence.txt").write_text("\n".join(answers) + "\n")
print("precedence", len(answers))
