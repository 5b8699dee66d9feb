"""Databases that a firm has: SQLite, DuckDB and a real Postgres, read and never written to."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import duckdb
import pytest

from analysis.cli import main
from analysis.errors import DataError
from analysis.opening import open_all
from analysis.propose.proposing import propose

CUSTOMERS = "CREATE TABLE kunden (nr VARCHAR(9), firma VARCHAR(40))"
LINES = "CREATE TABLE posten (nr INTEGER, kunde VARCHAR(9), tag DATE, netto NUMERIC(12, 2))"
ROWS = (
    "INSERT INTO kunden VALUES ('007', 'Müller & Söhne'), ('7', 'O''Hara'), ('NA', NULL)",
    "INSERT INTO posten VALUES (1, '007', '2026-10-01', 1234.56), (2, '7', '2026-10-02', -0.10), "
    "(3, '007', '2026-10-31', 0.30)",
)
DATASET = """
[connections.erp]
url = "{url}"
[tables.customers]
connection = "erp"
sql = "SELECT nr, firma FROM kunden WHERE firma IS NOT NULL; "
columns = {{ customer_id = "nr", name = "firma" }}
[tables.transactions]
connection = "erp"
sql = '''
SELECT nr AS transaction_id, kunde AS customer_id, tag AS "date", netto AS net_amount -- as they stand
FROM posten
-- of all years'''
columns = {{ kind = {{ by_sign = "net_amount" }} }}
"""


def dataset(folder, url):
    folder.mkdir(exist_ok=True)
    (folder / "dataset.toml").write_text(DATASET.format(url=url), encoding="utf-8")
    (folder / "policy.toml").write_text("[window]\nallow_beyond = true\n")
    return folder


def holds_what_the_database_has(folder):
    opened = open_all(folder)
    customers = opened.checked["customers"].order_by("customer_id").to_pandas()
    lines = opened.checked["transactions"].order_by("transaction_id").to_pandas()
    errors = opened.checked.errors
    opened.engine.close()

    assert customers.customer_id.tolist() == ["007", "7"]
    assert customers.name.tolist() == ["Müller & Söhne", "O'Hara"]
    assert [str(amount) for amount in lines.net_amount] == ["1234.5600", "-0.1000", "0.3000"]
    assert [str(day)[:10] for day in lines["date"]] == ["2026-10-01", "2026-10-02", "2026-10-31"]
    assert lines.kind.tolist() == ["sale", "credit", "sale"]
    assert errors == []


def test_sqlite_is_read_as_it_lies_and_cannot_be_written_to(tmp_path):
    folder = dataset(tmp_path / "mine", "sqlite://erp.db")
    with sqlite3.connect(folder / "erp.db") as database:
        for statement in (CUSTOMERS, LINES, *ROWS):
            database.execute(statement)
    database.close()
    before = (folder / "erp.db").read_bytes()
    holds_what_the_database_has(folder)
    assert (folder / "erp.db").read_bytes() == before
    assert {p.name for p in folder.iterdir()} == {"erp.db", "dataset.toml", "policy.toml"}


def test_a_database_file_is_proposed_table_by_table(tmp_path):
    (tmp_path / "raw").mkdir()
    with sqlite3.connect(tmp_path / "raw" / "erp.db") as database:
        database.execute('CREATE TABLE "Kunden" ("Kunden-Nr" TEXT, "Firma" TEXT)')
        database.execute('CREATE TABLE "Posten 26" ("Debitor" INTEGER, "Datum" TEXT, "Netto" REAL)')
        database.executemany('INSERT INTO "Kunden" VALUES (?, ?)', [("007", "A"), ("012", "B")])
        database.executemany(
            'INSERT INTO "Posten 26" VALUES (?, ?, ?)', [(7, "01.10.2026", 1.5), (12, "31.10.2026", 2)]
        )
    database.close()
    propose([tmp_path / "raw"], tmp_path / "out")
    opened = open_all(tmp_path / "out")
    lines = opened.checked["transactions"].order_by("customer_id").to_pandas()

    assert (lines.customer_id.tolist(), [float(v) for v in lines.net_amount]) == (["007", "012"], [1.5, 2])
    assert opened.checked.errors == []
    assert 'url = "sqlite://../raw/erp.db"' in (tmp_path / "out" / "dataset.toml").read_text()


def test_a_duckdb_file_is_read_as_it_lies(tmp_path):
    folder = dataset(tmp_path / "mine", f"duckdb://{tmp_path}/erp.duckdb")
    with duckdb.connect(str(tmp_path / "erp.duckdb")) as database:
        for statement in (CUSTOMERS, LINES, *ROWS):
            database.execute(statement)
    holds_what_the_database_has(folder)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """Return the address of a real Postgres, started for these tests, with a user that can only read."""
    pytest.importorskip("adbc_driver_postgresql")
    programs = _programs()
    if programs is None:
        pytest.skip("Postgres is not installed: apt-get install postgresql")
    place = Path(tmp_path_factory.mktemp("pg", numbered=True))
    who = _somebody(place)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(*arguments):
        subprocess.run(  # noqa: S603
            list(map(str, arguments)), check=True, capture_output=True, user=who, cwd=place
        )

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
    psql = shutil.which("psql") or programs / "psql"
    call(programs / "initdb", "-D", place / "data", "-U", "boss", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    call(programs / "pg_ctl", "-D", place / "data", "-o", options, "-w", "-l", place / "log", "start")
    try:
        statements = (
            CUSTOMERS, LINES, *ROWS, "CREATE ROLE reader LOGIN PASSWORD 'hunter2'",
            "GRANT SELECT ON kunden, posten TO reader",
            "CREATE SEQUENCE drawn", "GRANT ALL ON SEQUENCE drawn TO reader",
        )  # fmt: skip
        call(
            psql,
            "-h",
            "127.0.0.1",
            "-p",
            port,
            "-U",
            "boss",
            "-d",
            "postgres",
            "-c",
            "; ".join(statements),
        )
        yield f"127.0.0.1:{port}/postgres"
    finally:
        call(programs / "pg_ctl", "-D", place / "data", "-m", "immediate", "stop")


def _somebody(place: Path) -> int | None:
    """Return a user other than root, whom Postgres refuses, and give him the place."""
    if os.geteuid():
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    for above in [place, *place.parents]:
        if above.stat().st_uid == 0 and str(above) not in ("/", "/tmp"):  # noqa: S108
            above.chmod(above.stat().st_mode | 0o755)
    os.chown(place, nobody, -1)
    return nobody


def test_postgres_is_read_by_a_user_who_can_only_read(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("ERP_PASSWORD", "hunter2")
    holds_what_the_database_has(dataset(tmp_path / "mine", f"postgres://reader:${{ERP_PASSWORD}}@{postgres}"))


def test_nothing_is_written_there_and_no_secret_is_told(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("ERP_PASSWORD", "hunter2")
    folder = dataset(tmp_path / "mine", f"postgres://reader:${{ERP_PASSWORD}}@{postgres}")
    whole = (folder / "dataset.toml").read_text(encoding="utf-8")
    for statement in (
        "SELECT nextval('drawn') AS nr, 'x' AS firma",
        "DELETE FROM kunden RETURNING *",
        "SELECT 'hunter2' + 1",
    ):
        text = whole.replace("SELECT nr, firma FROM kunden WHERE firma IS NOT NULL; ", statement)
        (folder / "dataset.toml").write_text(text, encoding="utf-8")
        with pytest.raises(DataError) as stopped:
            open_all(folder)
        (problem,) = stopped.value.problems
        assert (problem.table, problem.rule) == ("customers", "unreadable")
        assert "on the connection erp" in problem.message
        assert "hunter2" not in str(stopped.value)


def test_a_database_that_is_not_there_is_told_with_the_way_out(tmp_path, monkeypatch):
    def said(url):
        with pytest.raises(DataError) as stopped:
            open_all(dataset(tmp_path / "mine", url))
        return str(stopped.value)

    assert "no database lies at none.db" in said("sqlite://none.db")
    assert "pip install" in said("oracle://reader@host/erp") or "oracle" in said("oracle://reader@host/erp")
    monkeypatch.setenv("PW", "hunter2")
    pytest.importorskip("adbc_driver_postgresql")
    told = said("postgres://reader:${PW}@127.0.0.1:1/erp?connect_timeout=2")
    assert "cannot be read" in told and "See that the database runs" in told and "hunter2" not in told
    told = said("postgres://reader:hunter2@host/erp")
    assert "a password is written in the file" in told and "hunter2" not in told
    monkeypatch.delenv("PW")
    assert "the environment variable PW is not set" in said("postgres://reader:${PW}@host/erp")


def code_of(folder):
    with pytest.raises(DataError) as stopped:
        open_all(folder)
    return stopped.value.exit_code


def test_a_scheduler_can_tell_a_database_that_is_away_from_one_that_refuses(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("ERP_PASSWORD", "hunter2")
    assert code_of(dataset(tmp_path / "down", "postgres://reader:${ERP_PASSWORD}@127.0.0.1:1/erp")) == 69
    refused = dataset(tmp_path / "refused", f"postgres://reader:${{ERP_PASSWORD}}@{postgres}")
    file = refused / "dataset.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("FROM kunden", "FROM nobody"), encoding="utf-8")
    assert code_of(refused) == 3


def test_a_database_that_somebody_writes_to_is_busy_and_not_wrong(tmp_path, capsys):
    folder = dataset(tmp_path / "mine", "sqlite://erp.db")
    writer = sqlite3.connect(folder / "erp.db", isolation_level=None)
    for statement in (CUSTOMERS, LINES, *ROWS, "BEGIN EXCLUSIVE"):
        writer.execute(statement)
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--data", str(folder)])
    assert stopped.value.code == 69
    assert "run again later" in capsys.readouterr().out
    writer.execute("ROLLBACK")
    writer.execute("DROP TABLE posten")
    writer.close()
    assert code_of(folder) == 3
