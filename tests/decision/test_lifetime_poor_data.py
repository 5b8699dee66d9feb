"""Lifetimes where the data is poor: nothing is faked, nothing falls over, and what is missing is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio

AS_OF = "2026-10-31"
HEADER = "transaction_id,customer_id,date,kind,net_amount,cogs\n"
TABLES = (
    "rescue",
    "protect_first",
    "referrals",
    "word_of_mouth",
    "mutual_value",
    "lenses",
    "staying_fit",
    "staying_signs",
)


def sales(who: str, days) -> str:
    return "".join(f"{who}-{day:%Y%m%d},{who},{day:%Y-%m-%d},sale,100,40\n" for day in days)


def left_out(p: Portfolio) -> dict[str, str]:
    return {row["what"]: row["why"] for row in p.facts["left_out"]}


@pytest.fixture(scope="module")
def shop(share_dataset) -> Portfolio:
    """A shop where nobody says goodbye: 60 buy now and then, half of them stop; one never bought."""
    rng = np.random.default_rng(8)
    lines, names = [], []
    for n in range(60):
        names.append(f"c{n:02d}")
        end = "2026-10-30" if n % 2 else "2025-06-30"
        days = pd.date_range("2024-07-01", end, freq="D")
        lines.append(sales(names[-1], days[sorted(rng.choice(len(days), 12 if n % 2 else 6, replace=False))]))
    customers = "".join(f"{name},{name}\n" for name in [*names, "never"])
    return Portfolio(
        share_dataset(customers=f"customer_id,name\n{customers}", transactions=HEADER + "".join(lines)), AS_OF
    )


@pytest.mark.slow
def test_without_endings_the_purchases_tell_who_stays(shop):
    rows = shop.accounts.set_index("customer_id")
    buys = rows.index.str.startswith("c")
    odd = [int(name[1:]) % 2 == 1 for name in rows.index[buys]]
    leaves = rows.leaves_year[buys]

    assert shop.computed.staying.model == "purchases"
    assert leaves[odd].max() < leaves[~np.array(odd)].min()
    assert (rows.clv[buys][odd] > 0).all()
    assert (rows.clv_low[buys] <= rows.clv_high[buys]).all()
    assert pd.isna(rows.clv["never"])
    assert "told from its purchases" in " ".join(shop.facts["assumptions"])


def test_chances_of_leaving_by_purchases_are_chances(shop):
    hazards = shop.computed.staying.hazards
    known = hazards[~np.isnan(hazards).any(axis=1)]

    assert len(known) == 60
    assert ((known >= 0) & (known <= 1)).all()


@pytest.fixture(
    scope="module",
    params=[
        *("one account", "no margin", "hostile"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("cases only", "losses only", "nobody here")),
    ],
)
def poor(request, share_dataset) -> Portfolio:
    customers = "customer_id,name\na,A\n"
    days = pd.date_range("2025-01-15", "2026-10-15", freq="MS")
    files = {
        "one account": {"customers": customers, "transactions": HEADER + sales("a", days)},
        "cases only": {"customers": customers, "cases": "case_id,customer_id,opened_at\n1,a,2026-05-05T10:00\n"},
        "no margin": {
            "customers": customers,
            "transactions": "transaction_id,customer_id,date,kind,net_amount\n1,a,2026-05-05,sale,10\n",
            "contracts": "contract_id,customer_id,starts,ends,monthly_fee\n1,a,2026-01-01,2027-12-31,1\n",
        },
        "losses only": {
            "customers": customers,
            "transactions": HEADER + "1,a,2026-05-05,return,-10,0\n2,a,2026-05-06,credit,-5,0\n",
            "contracts": "contract_id,customer_id,starts,ends,monthly_fee\n1,a,2026-01-01,2027-12-31,1\n",
        },
        "hostile": {
            "customers": 'customer_id,name,referred_by,ended\nNA,"<b>",null,\nnull,null,NA,2026-05-05\n007,7,007,\n',
            "transactions": HEADER + "".join(sales(name, days) for name in ("NA", "null", "007")),
        },
        "nobody here": {
            "customers": "customer_id,name,ended\na,A,2020-01-01\n",
            "cases": "case_id,customer_id,opened_at\n1,a,2019-05-05T10:00\n",
        },
    }
    return Portfolio(share_dataset(**files[request.param]), AS_OF)


def test_poor_data_gives_every_table_and_says_what_is_left_out(poor):
    for name in TABLES:
        assert isinstance(poor.table(name), pd.DataFrame)
    rows = poor.accounts
    values = rows[["clv", "clv_avoidable", "clv_low", "clv_high", "save_budget"]].to_numpy(dtype="float64")

    assert not np.isinf(values).any()
    assert (rows.save_budget.dropna() >= 0).all()
    assert poor.facts["value"]["accounts"] <= len(rows)
    if rows.clv.isna().all() and len(rows):
        assert "Value over the lifetime" in left_out(poor)


def test_nobody_refers_itself(share_dataset):
    data = share_dataset(
        customers="customer_id,name,referred_by,ended\na,A,a,\nb,B,,2026-05-05\n",
        transactions=HEADER + sales("a", pd.date_range("2025-01-15", "2026-10-15", freq="MS")),
    )
    p = Portfolio(data, AS_OF)

    assert p.table("referrals").empty
    assert p.accounts.referral_value.tolist() == [0, 0]


def test_without_referrals_or_contracts_their_values_are_empty_and_named(shop):
    rows = shop.accounts

    assert rows[["referral_value", "relationship_value", "contract_value", "exit_fee"]].isna().all(axis=None)
    assert {"Referrals", "What accounting sees (contract_value, exit_fee)", "Word of mouth"} <= set(left_out(shop))
