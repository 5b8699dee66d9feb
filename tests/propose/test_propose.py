"""What exports seem to be: four languages, how files are written, keys that match, and shapes that are known."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.data.contract import INPUTS
from analysis.errors import DataError, UsageError
from analysis.opening import open_all
from analysis.propose.look import look_at
from analysis.propose.proposing import propose
from analysis.propose.words import likeness, shapes


def proposed(folder, **files):
    """Return what is proposed for the files, and the lines told."""
    for name, content in files.items():
        place = folder / "raw" / name.replace("__", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome = propose([folder / "raw"], folder / "out")
    tables = tomllib.loads((folder / "out" / "dataset.toml").read_text(encoding="utf-8"))["tables"]
    return tables, "\n".join(outcome.lines())


@pytest.mark.parametrize(
    ("name", "table", "column"),
    [
        ("Kunden-Nr.", "customers", "customer_id"),
        ("CustomerKey", "transactions", "customer_id"),
        ("Code client", "transactions", "customer_id"),
        ("N° de client", "customers", "customer_id"),
        ("Número de cliente", "invoices", "customer_id"),
        ("Raison sociale", "customers", "name"),
        ("Montant HT", "transactions", "net_amount"),
        ("NETTOBETRAG (EUR)", "transactions", "net_amount"),
        ("Importe", "transactions", "net_amount"),
        ("Date d'échéance", "invoices", "due"),
        ("Fecha de vencimiento", "invoices", "due"),
        ("Fällig am", "invoices", "due"),
        ("invoice_numbers", "transactions", "invoice_id"),
        ("Tätigkeiten", "service_events", "activity"),
        ("Auf Wunsch", "service_events", "requested"),
        ("Zugesagt bis", "cases", "promised_at"),
        ("Schutzbedürftig", "customers", "protected"),
        ("Artikelgruppe", "transactions", "product"),
    ],
)
def test_columns_are_known_in_four_languages(name, table, column):
    assert likeness(name, table, column) >= 0.9


def test_a_french_export_in_utf_16_and_a_spanish_one_with_tabs(tmp_path):
    french = "N° de client\tRaison sociale\tSecteur\n001\tBoulangerie Élan\tAlimentation\n002\tGarage\tAuto\n"
    spanish = (
        "Factura|Línea|Número de cliente|Fecha de factura|Importe neto|Coste\n"
        "F1|1|001|13/10/2026|1 234,50|1 000,00\nF1|2|001|13/10/2026|-5,25|-4,00\nF2|1|002|31/10/2026|7,00|1,00\n"
    )
    tables, told = proposed(tmp_path, clients__txt=french.encode("utf-16"), facturas__csv=spanish)
    checked = open_all(tmp_path / "out").checked
    lines = checked["transactions"].order_by("transaction_id").to_pandas()

    assert (tables["customers"]["encoding"], tables["customers"]["delimiter"]) == ("utf-16", "\t")
    assert checked["customers"].order_by("customer_id").to_pandas().name.tolist() == ["Boulangerie Élan", "Garage"]
    assert [float(v) for v in lines.net_amount] == [1234.5, -5.25, 7]
    assert [float(v) for v in lines.cogs] == [1000, -4, 1]
    # No column says what a line is; one is below 0.
    assert lines.kind.tolist() == ["sale", "credit", "sale"]
    assert checked.errors == []
    assert "other way round" not in told


def test_days_that_could_be_months_are_marked_and_one_other_date_settles_it(tmp_path):
    head = "Customer No,Name\n1,A\n2,B\n"
    lines = "Invoice,Customer No,Invoice Date,Amount,Due date\n"
    unsure = lines + "i1,1,01/02/2026,5,01/03/2026\ni2,2,02/02/2026,5,02/03/2026\n"
    tables, told = proposed(tmp_path / "a", customers__csv=head, invoices__csv=unsure)
    assert tables["invoices"]["date_format"] == "%d/%m/%Y"
    assert "invoices.date_format: day and month could be the other way round" in told

    settled = lines + "i1,1,01/02/2026,5,01/13/2026\ni2,2,02/02/2026,5,02/28/2026\n"
    tables, told = proposed(tmp_path / "b", customers__csv=head, invoices__csv=settled)
    assert tables["invoices"]["date_format"] == "%m/%d/%Y"
    assert "other way round" not in told


def test_ids_that_differ_by_zeros_and_by_width_lose_their_zeros_everywhere(tmp_path):
    proposed(
        tmp_path,
        customers__csv="Account No,Name\n007,A\n0012,B\n",
        sales__csv="Account No,Date,Amount\n7,2026-10-01,5\n12,2026-10-02,6\n",
    )
    checked = open_all(tmp_path / "out").checked
    assert sorted(checked["transactions"].customer_id.to_pandas()) == ["12", "7"]
    assert checked.errors == []


def test_files_of_one_header_are_one_table_by_a_glob_that_names_no_other(tmp_path):
    head, line = "Account No,Date,Amount\n", "1,2026-0{0}-01,5\n"
    months = {f"sales_{m}__csv": head + line.format(m) for m in (1, 2, 3)}
    tables, _ = proposed(tmp_path, customers__csv="Account No,Name\n1,A\n", **months)
    assert tables["transactions"]["path"] == "../raw/sales_*.csv"
    assert int(open_all(tmp_path / "out").checked["transactions"].count().to_pandas()) == 3


def test_a_list_of_lines_alone_gives_the_customers_and_says_so(tmp_path):
    lines = "Line ID,Customer ID,Customer Name,Date,Sales,Discount,Profit\n"
    lines += "1,c1,Alder,2026-10-01,100,0.2,30\n2,c1,Alder,2026-10-02,50,0,-10\n3,c2,Birch,2026-10-03,10,0.1,1\n"
    _, told = proposed(tmp_path, orders__csv=lines)
    checked = open_all(tmp_path / "out").checked

    assert sorted(checked["customers"].name.to_pandas()) == ["Alder", "Birch"]
    assert [float(v) for v in checked["transactions"].order_by("transaction_id").cogs.to_pandas()] == [70, 60, 9]
    assert "- `customers`: those in 3 rows of orders.csv" in told
    assert "there is no list of customers" in (tmp_path / "out" / "dataset.toml").read_text()
    assert "`Discount` seems to be a share of the price" in told


def test_a_database_of_few_words_is_understood(tmp_path):
    (tmp_path / "raw").mkdir()
    with closing(sqlite3.connect(tmp_path / "raw" / "erp.db")) as erp:
        erp.executescript(
            "CREATE TABLE kunden(nr TEXT, firma TEXT); INSERT INTO kunden VALUES ('007', 'A'), ('008', 'B');"
            "CREATE TABLE posten(id INTEGER, kunde TEXT, tag TEXT, netto REAL);"
            "INSERT INTO posten VALUES (1, '007', '2026-10-01', 100.5), (2, '008', '2026-10-31', -3.25);"
        )
    tables, _ = proposed(tmp_path)
    assert tables["customers"]["columns"] == {"customer_id": "nr", "name": "firma"}
    columns = {"transaction_id": "id", "customer_id": "kunde", "date": "tag", "kind": {"by_sign": "netto"}}
    assert tables["transactions"]["columns"] == columns | {"net_amount": "netto"}


def test_amounts_that_a_database_keeps_as_text_are_read_as_they_are_written(tmp_path):
    (tmp_path / "raw").mkdir()
    with closing(sqlite3.connect(tmp_path / "raw" / "erp.db")) as erp:
        erp.executescript(
            "CREATE TABLE kunden(nr TEXT, firma TEXT); INSERT INTO kunden VALUES ('007', 'A'), ('008', 'B');"
            "CREATE TABLE posten(id INTEGER, kunde TEXT, tag TEXT, netto TEXT);"
            "INSERT INTO posten VALUES (1, '007', '2026-10-01', '1.100,50'), (2, '008', '2026-10-31', '2.003,25');"
        )
    proposed(tmp_path)
    checked = open_all(tmp_path / "out").checked
    assert [float(v) for v in checked["transactions"].order_by("transaction_id").net_amount.to_pandas()] == [
        1100.5,
        2003.25,
    ]


def test_files_of_one_name_in_a_folder_for_each_year_are_one_table(tmp_path):
    for year in (2025, 2026):
        (tmp_path / "raw" / str(year)).mkdir(parents=True)
        lines = f"Beleg;Kunde;Datum;Netto\nR{year};7;01.10.{year};100,25\n"
        (tmp_path / "raw" / str(year) / "posten.csv").write_text(lines, encoding="utf-8")
    tables, told = proposed(tmp_path, kunden__csv="Kunde;Firma\n7;A\n8;B\n")
    assert tables["transactions"]["path"] == "../raw/*/posten.csv"
    assert "- `transactions`: 2 rows of posten.csv" in told
    checked = open_all(tmp_path / "out").checked
    # No column of a file of one row is a key: file and row are, and the folder tells the files apart.
    assert sorted(checked["transactions"].transaction_id.to_pandas()) == ["2025/posten.csv-2", "2026/posten.csv-2"]


@pytest.mark.parametrize("places", [("lines/year=2025/a", "lines/year=2026/b"), ("lines/0", "lines/1")])
def test_parts_of_parquet_in_folders_are_one_table(tmp_path, places):
    for number, place in enumerate(places):
        part = tmp_path / "raw" / f"{place}.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        rows = {"Beleg": [f"R{number}"], "Kunde": ["7"], "Datum": ["2026-10-01"], "Netto": [100.25 + number]}
        pq.write_table(pa.table(rows), part)
    tables, told = proposed(tmp_path, kunden__csv="Kunde,Firma\n7,A\n8,B\n")
    assert tables["transactions"]["path"] == "../raw/lines"
    assert "- `transactions`: 2 rows of lines" in told
    checked = open_all(tmp_path / "out").checked
    assert sorted(float(v) for v in checked["transactions"].net_amount.to_pandas()) == [100.25, 101.25]


def test_a_second_export_of_a_table_is_told_as_that_though_its_name_has_the_word_of_another(tmp_path):
    lines = "Beleg;Debitor;Datum;Netto\n" + "".join(f"R{n};7;01.10.2026;10{n},00\n" for n in range(5))
    french = "N° facture;N° client;Date facture;Montant HT\nF1;7;01/10/2026;100,00\nF2;8;02/10/2026;50,00\n"
    files = {"kunden__csv": "Debitor;Firma\n7;A\n8;B\n", "posten__csv": lines, "lignes_factures__csv": french}
    _, told = proposed(tmp_path, **files)
    assert "lignes_factures.csv: ? it looks like `transactions`, which is taken from posten.csv; join them" in told


def test_what_is_no_export_is_told_file_by_file(tmp_path):
    for name, content in {
        "a.csv": b"",
        "b.csv": b"x,x\n1,2\n",
        "c.xlsx": b"no",
        "d.csv": b"colour,shape\nred,round\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as stopped:
        propose([tmp_path], tmp_path / "out")
    for words in ("a.csv has no header line", "b.csv: no table", "c.xlsx is no workbook", "d.csv: no table"):
        assert words in str(stopped.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match="No export lies"):
        propose([tmp_path / "out"], tmp_path / "out")


def test_names_of_columns_cannot_break_the_file(tmp_path):
    evil = 'A # "x" ]\n[tables.evil]\nsql = "1'
    header = '"' + evil.replace('"', '""') + '"'
    tables, _ = proposed(
        tmp_path,
        customers__csv="Account No,Name\n71,A\n82,B\n",
        sales__csv=f"{header},Date,Amount\n71,2026-10-01,5\n82,2026-10-02,6\n",
    )
    assert set(tables) == {"customers", "transactions"}
    assert tables["transactions"]["columns"]["customer_id"] == evil
    assert sorted(open_all(tmp_path / "out").checked["transactions"].customer_id.to_pandas()) == ["71", "82"]


def test_a_file_that_a_person_broke_is_told_and_stays(tmp_path):
    proposed(tmp_path, sales__csv="Account No,Date,Amount\n7,2026-10-01,5\n")
    (tmp_path / "out" / "dataset.toml").write_text("[tables")
    with pytest.raises(DataError, match="this is no TOML"):
        propose([tmp_path / "raw"], tmp_path / "out")
    assert (tmp_path / "out" / "dataset.toml").read_text() == "[tables"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process as Linux has them")
def test_a_disk_that_is_full_leaves_a_persons_file_whole_and_as_private_as_it_was(tmp_path):
    """No file may pass 1,000 bytes: what a person wrote into dataset.toml is not lost to a second look."""
    lines = "Customer ID,Customer Name,Date,Sales,Profit\nc1,Alder,2026-10-01,100,30\nc2,Birch,2026-10-02,50,-10\n"
    proposed(tmp_path, orders__csv=lines)
    place = tmp_path / "out" / "dataset.toml"
    place.write_text(place.read_text(encoding="utf-8") + "# ours\n" * 500, encoding="utf-8")
    place.chmod(0o600)
    before = place.read_text(encoding="utf-8")
    code = "import resource, signal, sys; from pathlib import Path; from analysis.folders import write_whole;"
    code += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
    code += "write_whole(Path(sys.argv[1]), 'x' * 5000)"

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code, str(place)], env=environment, capture_output=True, text=True)  # noqa: S603

    assert (done.returncode, "OSError" in done.stderr) == (1, True)
    assert place.read_text(encoding="utf-8") == before
    assert sorted(path.name for path in place.parent.glob(".*")) == []
    proposed(tmp_path, orders__csv=lines)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.read_text(encoding="utf-8").endswith("# ours\n")


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_every_known_shape_is_of_the_contract(shape):
    assert shape.fits([header.upper() for header in shape.headers])
    contract = INPUTS[shape.table]
    kept = {c for c in contract.required if c not in ("kind", "transaction_id", "due")}
    assert kept <= set(shape.columns)
    for column, values in shape.values.items():
        assert set(filter(None, map(str, values.values()))) <= {
            *contract[column].values,
            *map(str, range(6)),
            *map(str, values.values()),
        }


def test_harvest_and_toggl_times_become_minutes(tmp_path):
    harvest = (
        "Date,Client,Project,Project Code,Task,Notes,Hours,Billable?,First Name,Last Name\n"
        "2026-10-01,Alder,P,,Support,x,1.25,Yes,Ann,Lee\n2026-10-02,Birch,P,,Support,x,0.5,No,Bob,Ray\n"
    )
    proposed(tmp_path, crm__csv="Company name,Industry\nAlder,a\nBirch,b\n", harvest__csv=harvest)
    events = open_all(tmp_path / "out", costing_file=_costing(tmp_path)).checked["service_events"]
    assert sorted(float(v) for v in events.minutes.to_pandas()) == [30, 75]
    assert sorted(events.worker.to_pandas()) == ["Ann Lee", "Bob Ray"]

    toggl = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration\n"
        "Ann,a@x,Alder,P,Support,x,No,2026-10-01,09:30:00,2026-10-01,11:00:30,01:30:30\n"
    )
    (tmp_path / "raw" / "harvest.csv").unlink()
    proposed(tmp_path, toggl__csv=toggl)
    event = open_all(tmp_path / "out", costing_file=_costing(tmp_path)).checked["service_events"].to_pandas().iloc[0]
    assert (float(event.minutes), str(event["at"])) == (90.5, "2026-10-01 09:30:00")


def _costing(folder):
    place = folder / "c.toml"
    place.write_text(
        'period = "month"\n[resources.team]\ncost = 1\ncapacity_minutes = 1\n[activities.Support]\nresource = "team"\n'
    )
    return place


def test_a_shape_of_ones_own_wins(tmp_path):
    known = tmp_path / "known"
    known.mkdir()
    (known / "desk.toml").write_text(
        'name = "Our desk"\ntable = "cases"\nheaders = ["Vg", "Kd"]\n[columns]\ncase_id = "Vg"\ncustomer_id = "Kd"\n'
        'opened_at = "Ein"\n'
    )
    (tmp_path / "a.csv").write_text("Vg,Kd,Ein\n1,x,2026-10-01\n")
    propose([tmp_path / "a.csv"], tmp_path / "out", known=known)
    assert (
        tomllib.loads((tmp_path / "out" / "dataset.toml").read_text())["tables"]["cases"]["columns"]["case_id"] == "Vg"
    )

    (known / "desk.toml").write_text('name = "x"\ntable = "cases"\nheaders = ["a"]\n[columns]\ncase = "Vg"\n')
    with pytest.raises(DataError, match="no such column"):
        propose([tmp_path / "a.csv"], tmp_path / "out", known=known)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a;b\n1;2\n3;4\n", {"delimiter": ";"}),
        (b"Report of May\n\na,b,c\n1,2,3\n4,5,6\n", {"header_row": 3}),
        (b"a,b,c\n1,2,3\n4,5,6\nTotal,,9\n\n", {"skip_footer": 1}),
        (b"a,b,c\n1,2,3\nTotal Ltd,5,6\n", {}),
        ("a,b\n1,é\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("a,b\n1,é\n".encode("utf-8-sig"), {}),
        ("a,b\n1,2\n3,4\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
)  # fmt: skip
def test_how_a_file_is_written(tmp_path, content, said):
    (tmp_path / "x.csv").write_bytes(content)
    assert look_at(tmp_path / "x.csv")[0].said == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        # A credit note of -50: no piece has a price below 0, so the price is that of the line.
        (["R1;7;01.10.2026;2;100,00;5,00", "R2;7;02.10.2026;-1;-50,00;0,00"], "Listenpreis"),
        (["R1;7;01.10.2026;2;100,00;5,00", "R2;7;02.10.2026;1;50,00;0,00"], {"times": ["Menge", "Listenpreis"]}),
    ],
)
def test_lines_at_list_price_are_sales_and_the_reading_is_marked(tmp_path, lines, said):
    head = "Beleg;Debitor;Datum;Menge;Listenpreis;Rabatt"
    told_by = "\n".join([head, *lines, ""])
    tables, told = proposed(tmp_path, kunden__csv="Debitor;Firma\n7;A\n8;B\n", posten__csv=told_by)
    assert tables["transactions"]["columns"]["list_amount"] == said
    assert "transactions.columns.list_amount" in told.split("## To look at")[1]


def test_a_file_that_lacks_one_thing_to_be_what_its_name_says_is_told_with_it(tmp_path):
    lines = "Beleg;Debitor;Datum;Summe in EUR netto netto\nR1;7;01.10.2026;100,00\nR2;8;02.10.2026;50,00\n"
    _, told = proposed(tmp_path, kunden__csv="Debitor;Firma\n7;A\n8;B\n", rechnungspositionen__csv=lines)
    assert "by its name it is `transactions`, but none of its columns is called as `net_amount` or" in told
    assert "looks like `customers`" not in told


def test_an_id_that_reads_like_nothing_stays_an_id_and_marks_are_told_only_where_there_are_numbers(tmp_path):
    customers = "Debitor;Firma\nnull;null\n" + "".join(f"{n}e5;Firma {n}\n" for n in range(1, 9))
    lines = "Beleg;Debitor;Datum;Netto;Art\nR1;null;01.10.2026;100,50;null\nR2;2e5;31.10.2026;1,00;Rechnung\n"
    tables, told = proposed(tmp_path, kunden__csv=customers, posten__csv=lines)
    assert "missing" not in tables["customers"]
    assert "decimal" not in told
    checked = open_all(tmp_path / "out").checked
    assert sorted(checked["transactions"].customer_id.to_pandas()) == ["2e5", "null"]


def test_what_was_filled_in_is_not_asked_for_again(tmp_path):
    events = "Nr;Debitor;Datum;Tätigkeit;Stunden\n1;7;01.10.2026;Hotline;1,5\n2;8;02.10.2026;Hotline;0,5\n"
    _, told = proposed(tmp_path, kunden__csv="Debitor;Firma\n7;A\n8;B\n", zeiten__csv=events)
    assert "resources.team.cost: pay" in told
    outcome = propose([tmp_path / "raw"], tmp_path / "out", choices={"costing": {"resources": {"team": {"cost": 9.0}}}})
    assert "resources.team.cost" not in "\n".join(outcome.lines()).split("## Not found")[0]


def test_a_column_of_codes_is_the_key_and_not_the_name(tmp_path):
    tables, _ = proposed(tmp_path, kunden__csv="Kunde;Firma;Branche\nK-1;Alder;Bau\nK-2;Birch;Bau\n")
    columns = tables["customers"]["columns"]
    assert (columns["customer_id"], columns["name"]) == ("Kunde", "Firma")


def test_lines_that_were_exported_twice_are_told_where_no_column_is_a_key(tmp_path):
    lines = ["R1;7;01.10.2026;100,00", "R2;8;02.10.2026;50,00", "R3;7;30.10.2026;9,00"]
    told_by = "\n".join(["Beleg;Debitor;Datum;Netto", *lines, *lines[:2], ""])
    tables, told = proposed(tmp_path, kunden__csv="Debitor;Firma\n7;A\n8;B\n", posten__csv=told_by)
    assert tables["transactions"]["columns"]["transaction_id"] == {"row": True}
    assert "`transactions`: 2 rows repeat another in every column, and each counts" in told.split("## To look at")[1]
    _, told = proposed(tmp_path, posten__csv="\n".join(["Beleg;Debitor;Datum;Netto", *lines, ""]))
    assert "in every column" not in told


def test_an_export_without_a_line_of_names_is_told_so(tmp_path):
    cdnow = "".join(f" 0000{n} 1997010{n}  1   11.77\n" for n in range(1, 9))
    _, told = proposed(tmp_path, kunden__csv="Debitor;Firma\n7;A\n8;B\n", CDNOW_master__txt=cdnow)
    assert "CDNOW_master.txt: ? no line of it names its columns" in told


def test_an_account_is_found_by_its_code_though_no_name_says_so(tmp_path):
    tables, told = proposed(
        tmp_path,
        customers__csv="MANDT,PARTNR,Name\n100,K1,Alder\n100,K2,Birch\n",
        sales__csv="Doc,Line,Partner,Posting date,Amount\n1,1,K1,2026-10-01,5\n1,2,K2,2026-10-31,6\n",
    )
    assert tables["customers"]["columns"] == {"customer_id": "PARTNR", "name": "Name"}
    assert tables["transactions"]["columns"]["customer_id"] == "Partner"
    assert tables["transactions"]["columns"]["transaction_id"] == {"join": ["Doc", "Line"]}
    assert "customers.columns.customer_id: no name says it" in told


def test_a_list_of_customers_that_names_one_twice_counts_the_first(tmp_path):
    tables, told = proposed(
        tmp_path,
        customers__csv="Account No,Account Name,Client since\n"
        "71,Alder,2020-01-01\n71,Alder (old),\n82,Birch,2021-01-01\n",
        sales__csv="Row ID,Account No,Date,Amount\n1,71,2026-10-01,5\n2,82,2026-10-31,6\n",
    )
    assert tables["customers"]["one_per"] == "customer_id"
    assert tables["customers"]["columns"]["since"] == "Client since"
    assert "customers.one_per: 3 rows of 2 customers" in told
    assert open_all(tmp_path / "out").checked["customers"].order_by("name").name.to_list() == ["Alder", "Birch"]


def test_what_goes_back_is_told_by_the_quantity_where_no_amount_stands(tmp_path):
    tables, _ = proposed(
        tmp_path,
        orders__csv="InvoiceNo,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,3,2026-10-01,2.5,7\nC2,-2,2026-10-31,2.5,8\n",
    )
    assert tables["transactions"]["columns"]["kind"] == {"by_sign": "Quantity"}
    lines = open_all(tmp_path / "out").checked["transactions"].order_by("date").to_pandas()
    assert [*zip(lines.kind, lines.net_amount.astype(float), strict=True)] == [("sale", 7.5), ("credit", -5)]


def test_amounts_with_a_currency_are_numbers_and_name_the_policys(tmp_path):
    tables, told = proposed(
        tmp_path,
        customers__csv="Account No,Name\n71,Alder\n82,Birch\n",
        billing__csv="invoice_number,account,issued,due,paid_at,amount_usd\n"
        '1,71,2026-09-01,2026-10-01,,"$1,234.50"\n2,82,2026-10-31,2026-11-30,,($5.00)\n',
    )
    assert tables["invoices"]["currency_mark"] == "$"
    assert tables["invoices"]["columns"]["amount"] == "amount_usd"
    assert "currency: `$` stands beside the amounts" in told
    found = open_all(tmp_path / "out")
    assert found.policy.currency == "USD"
    assert [float(n) for n in found.checked["invoices"].order_by("issued").amount.to_list()] == [1234.5, -5]


def test_a_report_whose_customers_are_merged_cells_and_whose_columns_have_other_names(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (
        ["Sales report"],
        [],
        ["Client No", "Client", "Job", "Job date", "Price", "Discount", "Material cost"],
        [501, "Alder", "J1", "2026-10-01", 100.5, 5, 40],
        [None, None, "J2", "2026-10-15", 200, 0, 90],
        [502, "Birch", "J3", "2026-10-31", 300, 0, 120],
        ["Grand total", None, None, None, 600.5, 5, 250],
    ):
        sheet.append(row)
    for cells in ("A1:G1", "A4:A5", "B4:B5"):
        sheet.merge_cells(cells)
    (tmp_path / "raw").mkdir()
    book.save(tmp_path / "raw" / "report.xlsx")
    _, told = proposed(tmp_path)
    assert "transactions.columns.date: no name says it; the only column of dates" in told
    assert "transactions.columns.list_amount: as the price of the whole line" in told
    lines = open_all(tmp_path / "out").checked["transactions"].order_by("date").to_pandas()
    assert lines.customer_id.tolist() == ["501", "501", "502"]
    assert lines.order_id.tolist() == ["J1", "J2", "J3"]
    assert [lines[name].astype(float).sum() for name in ("list_amount", "discount", "cogs")] == [600.5, 5, 250]


def test_of_several_columns_that_could_be_the_region_the_one_of_that_name_is_taken(tmp_path):
    places = ("Ohio,East", "Texas,South")
    lines = [f"{n},{n % 8},2026-10-{n + 1:02d},5,{places[n % 2]}" for n in range(16)]
    tables, _ = proposed(tmp_path, orders__csv="\n".join(["Row ID,Customer ID,Order Date,Sales,State,Region", *lines]))
    assert tables["customers"]["columns"]["region"] == "Region"


@pytest.mark.parametrize(
    ("besides", "named"), [((), "*"), (("Notes",), "2026-*"), (("2026-notes",), ["2026-01", "2026-02"])]
)
def test_the_months_of_a_workbook_are_read_as_one(tmp_path, besides, named):
    year_book(tmp_path, besides)
    tables, _ = proposed(tmp_path)
    assert tables["transactions"]["sheet"] == named
    written = (tmp_path / "out" / "dataset.toml").read_text(encoding="utf-8")
    assert "2 sheets with the same header and no row in common" in written
    opened = open_all(tmp_path / "out")
    lines = opened.checked["transactions"].to_pandas()
    opened.engine.close()
    assert sorted(lines.invoice_id) == ["011", "012", "021", "022"] and lines.transaction_id.is_unique
    assert float(lines.net_amount.astype(float).sum()) == 32.0


def test_a_sheet_that_sums_up_the_others_is_not_counted_with_them(tmp_path):
    book = year_book(tmp_path, ())
    whole = book.create_sheet("2026")
    for name in ("2026-01", "2026-02"):
        for row in list(book[name].iter_rows(values_only=True))[whole.max_row > 1 :]:
            whole.append(row)
    book.save(tmp_path / "raw" / "year.xlsx")
    tables, told = proposed(tmp_path)
    assert "it looks like `transactions`" in told and "name them together (sheet = [...])" in told
    assert isinstance(tables["transactions"]["sheet"], str)


def year_book(tmp_path, besides):
    """Save a workbook of a sheet for each month, and of others that hold no table of ours; return it."""
    from openpyxl import Workbook

    book = Workbook()
    for month in ("01", "02"):
        sheet = book.active if month == "01" else book.create_sheet()
        sheet.title = f"2026-{month}"
        for row in (["Date", "Customer", "Invoice", "Net"], [f"2026-{month}-05", "Ann", f"{month}1", 7]):
            sheet.append(row)
        sheet.append([f"2026-{month}-28", "Bob", f"{month}2", 9])
    for name in besides:
        book.create_sheet(name).append(["Nothing to see here"])
    (tmp_path / "raw").mkdir()
    book.save(tmp_path / "raw" / "year.xlsx")
    return book


def test_a_broken_view_costs_itself_and_not_its_database(tmp_path):
    (tmp_path / "raw").mkdir()
    with closing(sqlite3.connect(tmp_path / "raw" / "erp.db")) as erp:
        erp.execute("CREATE TABLE kunde (id INTEGER, firma TEXT)")
        erp.execute("CREATE VIEW alt AS SELECT nummer FROM abgeschafft")
        erp.executemany("INSERT INTO kunde VALUES (?, ?)", [(1, "Ahorn AG"), (2, "Birke KG")])
        erp.commit()
    tables, told = proposed(tmp_path)

    assert tables["customers"]["sql"] == 'SELECT * FROM "kunde"'
    broken = next(line for line in told.splitlines() if line.startswith("- erp.db, table alt: "))
    assert broken.endswith("(no such table: main.abgeschafft)")


def test_tables_of_every_schema_of_a_duckdb_file_are_read(tmp_path):
    (tmp_path / "raw").mkdir()
    with closing(duckdb.connect(str(tmp_path / "raw" / "dw.duckdb"))) as dw:
        dw.execute("CREATE TABLE customer (customer_id INTEGER, name TEXT)")
        dw.execute("INSERT INTO customer VALUES (1, 'A'), (2, 'B')")
        dw.execute('CREATE SCHEMA "the desk"; CREATE TABLE "the desk".log (t INTEGER, c INTEGER, o TIMESTAMPTZ)')
        dw.execute("INSERT INTO \"the desk\".log VALUES (7, 1, '2026-10-30 09:00+02'), (8, 2, '2026-10-31 09:00+01')")
        dw.execute(
            'CREATE VIEW "the desk".tickets AS SELECT t AS ticket_id, c AS customer_id, o AS opened FROM "the desk".log'
        )
    tables, _ = proposed(tmp_path)
    cases = open_all(tmp_path / "out").checked["cases"].order_by("case_id").to_pandas()

    assert tables["cases"]["sql"] == 'SELECT * FROM "the desk"."tickets"'
    # 9 o'clock at +02:00 and at +01:00, on the clock of UTC.
    assert [f"{moment:%d. %H:%M}" for moment in cases.opened_at] == ["30. 07:00", "31. 08:00"]


def test_a_key_that_no_name_tells_is_taken_before_the_number_of_the_row(tmp_path):
    customers = "Acct No,Company\nNA,Ahorn\n007,Birke\n1e5,Buche\n"
    lines = "Stamp,Acct No,Doc date,Net amount\nx-1,NA,2026-10-01,1.5\nx-2,007,2026-10-02,2.5\nx-3,1e5,2026-10-31,3.5\n"
    tables, told = proposed(tmp_path, customers__csv=customers, sales__csv=lines)
    rows = open_all(tmp_path / "out").checked["transactions"].order_by("transaction_id").to_pandas()

    assert rows.transaction_id.tolist() == ["x-1", "x-2", "x-3"]
    assert rows.customer_id.tolist() == ["NA", "007", "1e5"]  # ids are text, whatever they look like
    assert "transactions.columns.transaction_id: no name says it; another code in every row" in told

    # Amounts are another in every row, too, and are no key.
    amounts = "Acct No,Doc date,Net amount,Postage\nNA,2026-10-01,1.5,0.25\n007,2026-10-02,2.5,0.35\n"
    tables, _ = proposed(tmp_path / "b", customers__csv=customers, sales__csv=amounts)
    assert tables["transactions"]["columns"]["transaction_id"] == {"row": True}


def test_two_currencies_are_told_before_anything_is_read(tmp_path):
    lines = "Invoice,Customer,Invoice date,Net amount,Währung\n1,A,2026-10-01,10,EUR\n2,B,2026-10-31,20,CHF\n"
    _, told = proposed(tmp_path, sales__csv=lines)
    assert "`Währung` of sales.csv names CHF and EUR: a run takes one currency." in told


def test_lists_of_sap_are_read_whatever_their_columns_are_called_in_german(tmp_path):
    # 1.234,56- is how SAP writes an amount below 0.
    customers = "Debitor;Name 1;Land;Angelegt am\n0000100001;Öl AG;DE;01.03.2020\n0000100014;Müller KG;AT;31.10.2024\n"
    lines = (
        "Fakturanummer;Pos.;Fakturadatum;Auftraggeber;Nettowert;Verrechnungswert\n"
        "90001;10;01.10.2026;0000100001;2.000,00;1.500,00\n90001;20;01.10.2026;0000100001;1.234,56-;1.000,00-\n"
        "90002;10;31.10.2026;0000100014;5,00;4,00\n"
    )
    proposed(tmp_path, Debitoren__csv=customers.encode("cp1252"), Fakturen__csv=lines.encode("cp1252"))
    rows = open_all(tmp_path / "out").checked["transactions"].order_by("transaction_id").to_pandas()

    assert rows.transaction_id.tolist() == ["90001-10", "90001-20", "90002-10"]
    assert [float(v) for v in rows.net_amount] == [2000, -1234.56, 5]
    assert [float(v) for v in rows.cogs] == [1500, -1000, 4]
    assert rows.kind.tolist() == ["sale", "credit", "sale"]


def test_invoices_with_a_cost_are_the_sales_too(tmp_path):
    customers = "Client ID,Client name\n007,Ahorn\n7,Birke\n"
    lines = (
        "Invoice no,Client ID,Invoice date,Type,Amount,Cost,Due date,Paid on\n"
        '1,007,2026-10-01,Invoice,"$1,000.50",600,2026-10-31,2026-11-05\n'
        "2,7,2026-10-31,Credit memo,($5.00),(3),2026-11-30,\n"
    )
    tables, told = proposed(tmp_path, customers__csv=customers, sales__csv=lines)
    checked = open_all(tmp_path / "out").checked
    sales = checked["transactions"].order_by("transaction_id").to_pandas()

    assert sales.kind.tolist() == ["sale", "credit"]
    assert [float(v) for v in sales.net_amount] == [1000.5, -5]
    assert [float(v) for v in sales.cogs] == [600, -3]
    assert checked["invoices"].count().to_pandas() == 2
    assert "Each invoice counts as a sale, too: see that `Amount` is net of tax." in told

    # Without a cost nothing is gained by it: each invoice counts as a sale anyway.
    tables, _ = proposed(tmp_path / "b", customers__csv=customers, sales__csv=lines.replace("Cost", "Colour"))
    assert {*tables} == {"customers", "invoices"}


def test_a_column_of_dates_that_holds_numbers_is_told_by_what_it_holds(tmp_path):
    customers = "Client ID,Client name\n007,Ahorn\n008,Birke\n"
    log = "Client ID,Date,Task,Minutes\n007,45966,Call,10\n008,45970,Visit,20\n"  # days as a workbook counts them
    _, told = proposed(tmp_path, customers__csv=customers, worklog__csv=log)
    assert "`Date` is called as `at` would be, but does not hold such values (45966, 45970)" in told


@pytest.mark.parametrize("damaged", ['{"dataset.toml": {', "[]", '{"dataset.toml": 5}'])
def test_a_damaged_record_of_what_was_proposed_is_told_and_nothing_is_overwritten(tmp_path, damaged):
    proposed(tmp_path, customers__csv="customer_id,name\n007,Alder\n")
    (tmp_path / "out" / "proposed.json").write_text(damaged, encoding="utf-8")
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    with pytest.raises(UsageError, match=r"proposed\.json is damaged"):
        propose([tmp_path / "raw"], tmp_path / "out")
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
