"""One small firm and its last good run, for all faults."""

from __future__ import annotations

import time

import pytest

from tests.faults.helpers import DAY, start


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A small firm: 12 accounts, their sales and the work for them."""
    place = tmp_path_factory.mktemp("firm")
    sales = "".join(f"t{n},c{n},2026-05-05,sale,{1000 + n},700\nu{n},c{n},{DAY},sale,500,400\n" for n in range(12))
    work = "".join(f"e{n},c{n},2026-05-05T10:00:00,call,{20 * n * n}\n" for n in range(12))
    files = {
        "customers.csv": "customer_id,name\n" + "".join(f"c{n},Name {n}\n" for n in range(12)),
        "transactions.csv": "transaction_id,customer_id,date,kind,list_amount,cogs\n" + sales,
        "service_events.csv": "event_id,customer_id,at,activity,minutes\n" + work,
        "costing.toml": 'period = "year"\n[resources.desk]\ncost = 4000\ncapacity_minutes = 5000\nuncertainty = 0.1\n'
        '[activities.call]\nresource = "desk"\n',
        "policy.toml": "[uncertainty]\ndraws = 200\nrank_draws = 100\n",
    }
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="session")
def timed(data, tmp_path_factory):
    """The folder of one good run, and the seconds that it took; whoever sees another one end adds to them."""
    out, begun = tmp_path_factory.mktemp("reports"), time.monotonic()
    run = start("run", "--data", data, "--out", out, scratch=tmp_path_factory.mktemp("scratch"))
    said = run.communicate(timeout=300)[1]
    assert run.returncode == 0, said
    assert "IPKernelApp" not in said
    return out / DAY, [time.monotonic() - begun]


@pytest.fixture(scope="session")
def good(timed):
    """The folder of one good run."""
    return timed[0]
