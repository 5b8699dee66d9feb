"""What a step saves by the drivers' volumes is what doing it on the events saves, to the cent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.topics.actions.judgement.recost import saved
from analysis.topics.actions.judgement.steps import STEPS
from sample_firms import make_sample

AS_OF = "2026-10-31"
#: Nothing is over-service here: no levels, and too few like accounts to be compared with.
POLICY = {"over_service": {"peer_minimum": 100_000}}
RUSH_MINUTES = {"incident": 15.0, "night_support": 20.0, "site_visit": 60.0, "order_handling": 20.0}
BY_HAND = ("phone", "email", "chat")
Tables = dict[str, pd.DataFrame]


def _drivers(tables: Tables) -> pd.Series:
    """Say, by the contract's order of drivers, what each event is charged to."""
    events, cases = tables["service_events"], tables["cases"]
    ours = events.case_id.isin(cases.case_id[cases.cause == "ours"])
    driver = pd.Series("other_service", events.index)
    driver[events.activity == "order_handling"] = "order_size"
    driver[events.after_hours.fillna(False).astype(bool)] = "after_hours"
    driver[events.rush.fillna(False).astype(bool)] = "rush"
    driver[events.requested.eq(False).fillna(False)] = "unrequested"
    driver[events.in_scope.eq(False).fillna(False)] = "out_of_scope"
    driver[events.activity.isin(["complaint_handling", "rework_visit"]) | ours] = "failure"
    driver[events.activity.isin(["sales_call", "quotation"])] = "obtaining"
    return driver


def _without(*gone: str) -> Callable[[Tables], Tables]:
    def edit(tables: Tables) -> Tables:
        return {"service_events": tables["service_events"][~_drivers(tables).isin(gone)]}

    return edit


def _rush_minutes(tables: Tables) -> pd.Series:
    events = tables["service_events"]
    more = events.activity.map(RUSH_MINUTES).fillna(0.0).clip(upper=events.minutes)
    return more.where(_drivers(tables) == "rush", 0.0)


def _with_notice(tables: Tables) -> Tables:
    """Half of what rushes add, and half of night work, goes."""
    events = tables["service_events"].copy()
    events["minutes"] -= 0.5 * _rush_minutes(tables)
    events.loc[_drivers(tables) == "after_hours", "minutes"] *= 0.5
    return {"service_events": events}


def _by_portal(tables: Tables) -> Tables:
    """A quarter of everyday and order work by phone, e-mail and chat goes; what a rush adds stays."""
    events, driver = tables["service_events"].copy(), _drivers(tables)
    moved = driver.isin(["other_service", "order_size", "rush"]) & events.channel.isin(BY_HAND)
    events.loc[moved, "minutes"] -= 0.25 * (events.minutes - _rush_minutes(tables))[moved]
    return {"service_events": events}


def _both(tables: Tables) -> Tables:
    """Notice and the portal: the one takes of rushes what they add, the other of the work itself."""
    events, first, second = tables["service_events"].copy(), _with_notice(tables), _by_portal(tables)
    events["minutes"] = first["service_events"].minutes + second["service_events"].minutes - events.minutes
    return {"service_events": events}


def _in_time(tables: Tables) -> Tables:
    """Every invoice is paid on the day that it is due, if not before."""
    invoices = tables["invoices"].copy()
    due, paid = pd.to_datetime(invoices.due), pd.to_datetime(invoices.paid)
    invoices["paid"] = paid.where(paid < due, due).dt.date
    return {"invoices": invoices}


def _dearer(tables: Tables) -> Tables:
    lines = tables["transactions"].copy()
    for name in ("list_amount", "discount", "net_amount"):
        lines[name] = lines[name].astype("float64") * 1.04
    return {"transactions": lines}


def _larger_orders(tables: Tables) -> Tables:
    lines = tables["transactions"].copy()
    lines["freight"] = 0.0
    return {**_without("order_size")(tables), "transactions": lines}


def _no_returns(tables: Tables) -> Tables:
    lines = tables["transactions"]
    return {**_without("other_service")(tables), "transactions": lines[lines.kind != "return"]}


DONE: dict[str, tuple[tuple[tuple[str, float], ...], Callable[[Tables], Tables]]] = {
    "mending all failures": ((("mend_our_failures", 1.0),), _without("failure")),
    "charging all work out of scope": ((("charge_out_of_scope", 1.0),), _without("out_of_scope")),
    "stopping all that nobody asked for": ((("trim_frequency", 1.0),), _without("unrequested")),
    "asking for notice": ((("require_notice", 0.5),), _with_notice),
    "moving to the portal": ((("change_channel", 0.25),), _by_portal),
    "notice and the portal together": ((("require_notice", 0.5), ("change_channel", 0.25)), _both),
    "larger orders": ((("order_terms", 1.0),), _larger_orders),
    "teaching to order right": ((("educate", 1.0),), _no_returns),
    "a rise of 4%": ((("reprice", 0.04),), _dearer),
    "payment on the day that it is due": ((("payment_terms", 1.0),), _in_time),
}


def _logged(place: Path) -> Tables:
    """Return a world's tables with every event's minutes logged and nothing due or written off."""
    names = ("customers", "service_events", "transactions", "invoices", "cases")
    tables = {name: pd.read_parquet(place / f"{name}.parquet") for name in names}
    p = Portfolio(place, AS_OF)
    settled = p.ledger.events.select("event_id", "minutes").to_pandas().set_index("event_id").minutes
    p.opened.engine.close()
    events = tables["service_events"]
    events = events[events.event_id.isin(settled.index)].copy()
    events["minutes"] = settled.reindex(events.event_id).astype(float).to_numpy()
    tables["service_events"] = events[events.minutes > 0].reset_index(drop=True)
    tables["customers"]["tier"] = None
    for name in ("written_off", "written_off_on"):
        tables["invoices"][name] = None
    return tables


def _dealt(tables: Tables) -> dict[str, str]:
    """Deal the accounts out to what is done, so that one run tries everything."""
    names = list(DONE)
    ids = sorted(tables["customers"].customer_id)
    return {account: names[place % len(names)] for place, account in enumerate(ids)}


def _edited(tables: Tables) -> Tables:
    dealt = _dealt(tables)
    edits = {name: {**tables, **edit(tables)} for name, (_, edit) in DONE.items()}
    found = {}
    for table, rows in tables.items():
        parts = [part[table][part[table].customer_id.map(dealt) == name] for name, part in edits.items()]
        found[table] = pd.concat([*parts, rows[~rows.customer_id.isin(dealt)]])
    return found


def _run(source: Path, place: Path, tables: Tables) -> Portfolio:
    place.mkdir()
    for name in ("costing.toml", "policy.toml", "case_updates.parquet"):
        shutil.copy(source / name, place)
    for name, rows in tables.items():
        rows.to_parquet(place / f"{name}.parquet", index=False)
    return Portfolio(place, AS_OF, POLICY)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return, per account: what was done, what that saves by volumes, and on the events."""
    place = tmp_path_factory.mktemp("exact")
    source = make_sample(place / "world", seed=7, accounts=120, file_format="parquet")
    tables = _logged(source)
    before, after = _run(source, place / "before", tables), _run(source, place / "after", _edited(tables))
    here = before.computed.situation
    margins = [p.ledger.accounts.set_index("customer_id").running_margin for p in (before, after)]
    done = here.accounts.customer_id.map(_dealt(tables))
    frame = pd.DataFrame({"done": done, "by_volumes": 0.0, "on_events": 0.0})
    frame["on_events"] = (margins[1] - margins[0]).reindex(here.accounts.customer_id).to_numpy()
    for name, (steps, _) in DONE.items():
        saves = saved(here, [(STEPS[action], share) for action, share in steps])
        frame.loc[done == name, "by_volumes"] = saves[done == name]
    for p in (before, after):
        p.opened.engine.close()
    return frame


@pytest.mark.slow
@pytest.mark.parametrize("name", DONE)
def test_a_step_saves_by_volumes_what_it_saves_on_the_events(name: str, compared: pd.DataFrame) -> None:
    mine = compared[compared.done == name]
    assert mine.on_events.abs().sum() > 10
    assert mine.by_volumes.to_numpy() == pytest.approx(mine.on_events.to_numpy(), abs=0.005)
