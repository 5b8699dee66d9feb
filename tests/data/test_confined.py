"""What a SELECT of a dataset.toml that somebody else wrote can reach: its own folder, and nothing else."""

from __future__ import annotations

import http.server
import os
import threading

import pytest

from analysis.errors import DataError
from analysis.opening import open_all

OTHERS = '[tables.transactions]\npath = "transactions.csv"\n'
CUSTOMERS = "SELECT 'a' AS customer_id, content AS name FROM {}"


@pytest.fixture
def dataset(write_dataset, tmp_path):
    """A function that opens a dataset whose customers come from a SELECT; a secret lies beside its folder."""
    (tmp_path / "secret.txt").write_text("hunter2", encoding="utf-8")

    def open_it(sql, head=""):
        place = write_dataset(
            transactions="transaction_id,customer_id,date,kind,net_amount\nt,a,2026-10-31,sale,1\n",
            dataset=f'{head}\n{OTHERS}[tables.customers]\nsql = """{sql}"""\n',
        )
        (place / "names").mkdir(exist_ok=True)
        (place / "names" / "one.txt").write_text("Ada", encoding="utf-8")
        if not (place / "link.txt").is_symlink():
            (place / "link.txt").symlink_to(tmp_path / "secret.txt")
        opened = open_all(place)
        names = opened.engine.frame(opened.checked["customers"]).name.tolist()
        opened.engine.close()
        return names

    return open_it


@pytest.mark.parametrize("path", ["names/one.txt", "./names/*.txt", "names/../names/one.txt"])
def test_a_select_reads_what_lies_in_its_folder_from_wherever_it_is_called(path, dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert dataset(CUSTOMERS.format(f"read_text('{path}')")) == ["Ada"]
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109


@pytest.mark.parametrize(
    "source",
    [
        "read_text('../secret.txt')",
        "read_text('{outside}/secret.txt')",
        "read_text('names/../../secret.txt')",
        "read_text('link.txt')",
        "read_text('/etc/hostname')",
        "(SELECT file AS content FROM glob('/etc/*'))",
        "(SELECT secret_string AS content FROM duckdb_secrets())",
    ],
)
def test_a_select_reads_nothing_beyond_its_folder_unless_its_owner_says_so(source, dataset, tmp_path):
    sql = CUSTOMERS.format(source.replace("{outside}", str(tmp_path)))

    with pytest.raises(DataError, match="trusted = true") as refused:
        dataset(sql)
    assert "hunter2" not in str(refused.value)
    if "secret.txt" in source:
        # Paths start at the folder of dataset.toml, so `..` leads out of it.
        assert dataset(sql, "trusted = true") == ["hunter2"]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 'a' AS customer_id) TO 'written.csv'",
        "ATTACH 'written.db'",
        "SELECT 'a' AS customer_id; COPY (SELECT 1) TO 'written.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET lock_configuration = false",
        "CREATE TABLE written AS SELECT 1",
        "",
    ],
)
@pytest.mark.parametrize("head", ["", "trusted = true"])
def test_sql_is_one_select_which_writes_nothing(sql, head, dataset, tmp_path):
    with pytest.raises(DataError, match="one SELECT") as refused:
        dataset(sql or " ", head)
    assert refused.value.exit_code == 3
    assert not list(tmp_path.rglob("written*"))


def test_a_select_reaches_no_address(dataset):
    asked = []

    class Told(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(DataError, match="trusted = true"):
            dataset(CUSTOMERS.format(f"read_text('http://127.0.0.1:{server.server_port}/a')"))
        server.shutdown()
    assert asked == []


def test_a_select_reads_a_folder_that_the_environment_names_and_not_the_home_folder(dataset, tmp_path, monkeypatch):
    exports = tmp_path / "exports"
    for place in (exports, tmp_path / "home", tmp_path / "home" / ".config"):
        place.mkdir()
        (place / "names.txt").write_text("from there", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXPORTS", str(exports))
    monkeypatch.setenv("ABOVE", str(tmp_path))
    monkeypatch.setenv("HIDDEN", str(tmp_path / "home" / ".config"))

    assert dataset(CUSTOMERS.format("read_text('${EXPORTS}/names.txt')")) == ["from there"]
    for path in ("${HOME}/names.txt", "${ABOVE}/exports/names.txt", "${HIDDEN}/names.txt"):
        with pytest.raises(DataError, match="trusted = true"):
            dataset(CUSTOMERS.format(f"read_text('{path}')"))


def test_a_table_whose_file_is_a_link_to_another_folder_is_read(write_dataset, tmp_path):
    place = write_dataset(transactions="transaction_id,customer_id,date,kind,net_amount\nt,a,2026-10-31,sale,1\n")
    (tmp_path / "elsewhere.csv").write_text("customer_id,name\na,Ada\n", encoding="utf-8")
    (place / "customers.csv").symlink_to(tmp_path / "elsewhere.csv")

    opened = open_all(place)

    assert opened.engine.frame(opened.checked["customers"]).name.tolist() == ["Ada"]
    opened.engine.close()


def test_what_a_select_takes_from_the_environment_is_in_no_error(dataset, monkeypatch):
    monkeypatch.setenv("MV_PLANTED", "planted-4711")

    with pytest.raises(DataError) as refused:
        dataset("SELECT CAST('${MV_PLANTED}' AS INTEGER) AS customer_id")
    assert "planted" not in str(refused.value)
    assert "${MV_PLANTED}" in str(refused.value)
