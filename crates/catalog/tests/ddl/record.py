#!/usr/bin/env python3
"""Records what PostgreSQL 15 answers to the cases in this folder.

Needs psycopg2 and a superuser on the server that libpq's environment names. Each case runs in a fresh database; statements
are separated by blank lines, `-- as NAME` in the line before one sets the role. The answers go to NAME.expected: a JSON
object for each statement, then the lines of state.sql.
"""

import json
import pathlib
import re
import sys

import psycopg2

HERE = pathlib.Path(__file__).parent
STATE = (HERE / "state.sql").read_text()


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def notice(text):
    fields = {"severity": None, "message": None, "detail": None, "hint": None}
    current = None
    for line in text.rstrip("\n").split("\n"):
        start = re.match(r"(NOTICE|WARNING|INFO):  (.*)", line)
        part = re.match(r"(DETAIL|HINT):  (.*)", line)
        if start:
            fields["severity"], fields["message"] = start.groups()
            current = "message"
        elif part:
            current = part.group(1).lower()
            fields[current] = part.group(2)
        elif line.startswith(("LINE ", "CONTEXT", "QUERY")) or re.match(r"\s+\^", line):
            current = None
        elif current:
            fields[current] += "\n" + line
    return {key: value for key, value in fields.items() if value is not None}


def run(cursor, connection, statement):
    del connection.notices[:]
    role = re.match(r"-- as (\w+)\n", statement)
    cursor.execute(f"set role {role.group(1)}" if role else "reset role")
    answer = {}
    try:
        cursor.execute(re.sub(r"^(--.*\n)+", "", statement))
        answer["tag"] = cursor.statusmessage
    except psycopg2.Error as error:
        diag = error.diag
        answer["error"] = {key: value for key, value in {
            "code": diag.sqlstate, "message": diag.message_primary, "detail": diag.message_detail,
            "hint": diag.message_hint,
            "position": int(diag.statement_position) if diag.statement_position else None,
        }.items() if value is not None}
    notices = [notice(text) for text in connection.notices]
    if notices:
        answer["notices"] = notices
    return answer


def bootstrap(cursor):
    """Runs what src/bootstrap.rs says, as this server's superuser."""
    source = (HERE / "../../src/bootstrap.rs").read_text()
    for name, create in re.findall(r'role\(\s*"(\w+)",\s*"([^"]+)",?\s*\)', source):
        cursor.execute("select from pg_roles where rolname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(create)
    scripts = re.findall(r'role: (None|Some\("\w+"\)),\s*sql: include_str!\("([^"]+)"\)', source)
    for role, path in scripts:
        role = re.search(r'"(\w+)"', role)
        cursor.execute(f"set role {role.group(1)}" if role else "reset role")
        cursor.execute((HERE / "../../src" / path).read_text())
    cursor.execute("reset role")
    cursor.execute(STATE)
    (HERE / "cases" / "bootstrap.expected").write_text("".join(row[0] + "\n" for row in cursor.fetchall()))
    cursor.execute("alter role postgres reset all")


def main():
    admin = connect("postgres")
    cursor = admin.cursor()
    names = sys.argv[1:] or sorted(path.stem for path in (HERE / "cases").glob("*.sql")) + ["bootstrap"]
    for name in names:
        cursor.execute("drop database if exists catalog_case")
        cursor.execute("select rolname from pg_roles where rolname like 'case\\_%'")
        for (role,) in cursor.fetchall():
            cursor.execute(f'drop role "{role}"')
        cursor.execute("create database catalog_case template template0")
        connection = connect("catalog_case")
        case = connection.cursor()
        if name == "bootstrap":
            bootstrap(case)
            connection.close()
            cursor.execute("drop database catalog_case")
            continue
        text = (HERE / "cases" / f"{name}.sql").read_text()
        lines = []
        for statement in re.split(r"\n\n+", text.strip()):
            lines.append(json.dumps(run(case, connection, statement), ensure_ascii=False))
        case.execute("reset role")
        case.execute(STATE)
        lines += [row[0] for row in case.fetchall()]
        (HERE / "cases" / f"{name}.expected").write_text("\n".join(lines) + "\n")
        connection.close()
        cursor.execute("drop database catalog_case")
    cursor.execute("select rolname from pg_roles where rolname like 'case\\_%'")
    for (role,) in cursor.fetchall():
        cursor.execute(f'drop role "{role}"')


main()
