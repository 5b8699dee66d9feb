"""What an account gets of each service set against like accounts', where no level of that service is known.

The rates of like accounts grow with size as they do in this portfolio (`rates.like_rates`). An account stands apart
where what it gets is beyond what chance and the accounts' own tempers explain, with the false ones held to a share of
those picked out (Benjamini & Hochberg, "Controlling the False Discovery Rate", JRSS B 57, 1995): in one service, or in
all of its services together (`all_together`), where none need stand out. Who asked for the work speaks too: what nobody
asked for makes it surer, what the account asked for itself is demand. Why this, and what was turned down:
`docs/decisions/like-accounts.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.ledger.drivers import OTHER_SERVICE
from analysis.policy import PERIOD_MONTHS, Policy, ServiceAttribute
from analysis.statistics.all_together import SURELY, Together, high_together, highest, not_by_chance
from analysis.statistics.ends import HIGH, LOW
from analysis.statistics.rates import Bools, Floats, Rates, like_rates

if TYPE_CHECKING:
    import pandas as pd

#: A step of this share of the middle account's cost is small beside everything.
FINE = 0.001
#: The chance up to which a high count lets unasked work speak; above it the count itself is usual.
HINT = 0.1
#: How often those that get more of all services are left out of the measure, and looked for again.
ROUNDS = 5
#: At first so many are left out, those that get most of all: else the spread would be theirs, where they are many.
AT_FIRST_APART = 0.25
#: Up to this share of the accounts a service is rare: too few have it to read a spread off them.
RARE = 0.2
_X = "x_"
_EVIDENCE = (
    *("events", "minutes", "squares", "asked_events", "asked_minutes"),
    *("unasked_events", "unasked_minutes", "cost"),
)
_NUMBERS = (
    *("delivered", "units", "periods", "cost", "peer_level", "peer_high", "over_units"),
    *("over_cost", "over_cost_low", "over_cost_high", "cost_to_ask", "cost_to_stop", "cost_to_trade"),
    *("each", "middle", "step", "temper", "p_together"),
)
#: What the chance of a material amount hangs on.
_HELD = ("units", "each", "middle", "step", "temper", "p_together")
#: What chance makes of an account's surprise in a service.
_CHANCE = ("mean_surprise", "variance_surprise", "third_surprise")
_TEXTS = ("customer_id", "attribute", "ground", "measure")


def likeness(accounts: pd.DataFrame, asked: pd.DataFrame | None, days: int) -> pd.DataFrame:
    """Return what accounts are alike in.

    Parameters
    ----------
    accounts
        The statement of those that were customers, with `lines`, `days` and `years`.
    asked
        customer_id, cases: that they opened in the window; None without cases.
    days
        As a customer in the window, below which an account is no measure.

    Returns
    -------
    DataFrame
        customer_id, years, service (its cost in the window without failure work), and `x_<what>`, each about 0 and of
        width 1: the size (log of list revenue a year), lines and cases a year, and the groups of industry, region and
        size. Only the size's place among the others' counts, so that no unit of money does.
    """
    import pandas as pd

    rows = accounts[accounts.days >= days].sort_values("customer_id", ignore_index=True)
    revenue = (rows.list_revenue / rows.years).astype("float64")
    sells = (revenue > 0).fillna(False)
    found: dict[str, pd.Series[float]] = {
        "size": np.log(revenue.where(sells)).sub(np.log(revenue[sells]).mean()).fillna(0.0),
        "no_sales": (~sells).astype("float64"),
        "lines": np.log1p(rows.lines.astype("float64").fillna(0) / rows.years),
    }
    if asked is not None:
        cases = rows[["customer_id"]].merge(asked, on="customer_id", how="left").cases.astype("float64").fillna(0)
        found["cases"] = np.log1p(cases / rows.years)
    frame = pd.DataFrame(found, index=rows.index)
    width = frame.std(ddof=0)
    frame = ((frame - frame.mean()) / width).loc[:, width > FINE]
    service = (rows.cost_to_serve - rows.failure_cost).astype("float64").fillna(0).clip(lower=0)
    return rows[["customer_id", "years"]].assign(service=service).join(frame.add_prefix(_X))


def usual_service(accounts: pd.DataFrame, like: pd.DataFrame, policy: Policy) -> Floats:
    """Return what an account of its size is served for in the time that it was there: not below the middle account.

    Parameters
    ----------
    accounts
        customer_id, years: whose.
    like
        As `likeness` gives it; with fewer rows than the policy's minimum the middle account alone counts.
    """
    years = accounts.years.to_numpy(dtype=np.float64)
    served = like[like.service > 0]
    if served.empty:
        return np.zeros(len(accounts))
    middle = float((served.service / served.years).median())
    found = np.maximum(middle * years, 0.0)
    if len(served) < policy.over_service.peer_minimum:
        return found
    size = like[[name for name in (f"{_X}size", f"{_X}no_sales") if name in like]].to_numpy(dtype=np.float64)
    everyone = np.ones(len(like), dtype=np.bool_)
    rates = like_rates(size, like.service.to_numpy() / middle, like.years.to_numpy(), everyone, FINE, regular=False)
    own = accounts[["customer_id"]].merge(
        like[["customer_id"]].assign(usual=rates.middle * middle), on="customer_id", how="left"
    )
    return np.maximum(found, own.usual.fillna(0).to_numpy(dtype=np.float64))


def against_like_accounts(
    like: pd.DataFrame,
    work: pd.DataFrame,
    levels: pd.DataFrame,
    attributes: Mapping[str, ServiceAttribute],
    policy: Policy,
) -> pd.DataFrame:
    """Return the comparison with like accounts of each service of which no level is known; no rows where those are few.

    Parameters
    ----------
    like
        As `likeness` gives it.
    work
        As `likeness.asked_work` gives it.
    levels
        customer_id, attribute, entitled, expected, wish, and `beyond`: whether it surely gets more than the level due.

    Returns
    -------
    DataFrame
        customer_id, attribute; delivered, peer_level (what like accounts get), peer_high (the policy's quantile of
        them) and over_units: units per period; periods; cost, over_cost, over_cost_low, over_cost_high (5% and 95%
        points over like accounts), `cost_to_<remedy>`: in the window; ground: `peers`, `requested` or `wish`, what
        decided; within_agreement: agreed, but far beyond like accounts, mostly unasked, and nobody knows of a wish for
        it; and what `surely_material` needs: units, each (the cost of one), middle, step, temper, and p_together, the
        chance that a like account gets as much of all services together (1 unless the account stands apart by that).
    """
    import pandas as pd

    if len(like) < policy.over_service.peer_minimum or work.empty:
        return _none()
    turned = _in_turns(like, work, levels, attributes, policy)
    if turned is None:
        return _none()
    compared, together = turned
    rows = pd.concat([_with_chances(one, policy) for one in compared], ignore_index=True)
    found, share = _weighed(_heard(rows, policy), policy), policy.over_service.false_share
    known = {"customer_id": like.customer_id, "p_together": np.where(together.flag, together.chance, 1.0)}
    found = found.merge(pd.DataFrame(known), on="customer_id", how="left")
    by_itself = not_by_chance(found.p_like.to_numpy(), share)
    high = (found.p_together < 1).to_numpy(dtype=np.bool_) & ~_against_all(found, policy)
    apart = by_itself | high | found.unwanted.to_numpy()
    return _judged(found, apart).sort_values(["customer_id", "attribute"], ignore_index=True)


def _in_turns(
    like: pd.DataFrame,
    work: pd.DataFrame,
    levels: pd.DataFrame,
    attributes: Mapping[str, ServiceAttribute],
    policy: Policy,
) -> tuple[list[_Compared], Together] | None:
    """Return each service's comparison, and who gets more of all of them: each found without the other's outliers.

    First the quarter that gets most of all is left out, then those that stand apart, until they are the same ones. Who
    stands apart in one service is no measure of that one.
    """
    import pandas as pd

    names = [*(n for n, a in attributes.items() if a.measure != "response_hours"), OTHER_SERVICE]
    each = [_service(like, work, levels, name, attributes.get(name), policy) for name in names]
    services = [service for service in each if service is not None]
    if not services:
        return None
    whole = np.zeros(len(like), dtype=np.bool_)
    alone = [whole] * len(services)
    compared: list[_Compared] = []
    for turn in range(ROUNDS):
        near = [one.rates.temper for one in compared] or [0.0] * len(services)
        left_out = [whole | mine for mine in alone]
        compared = [_compared(*each) for each in zip(services, left_out, near, strict=True)]
        heard = _heard(pd.concat([one.rows for one in compared], ignore_index=True), policy)
        together = _together(like, heard, policy.over_service.false_share)
        were, alone = alone, _surely_apart(compared, heard, policy.over_service.false_share)
        if turn and (together.flag == whole).all() and np.array_equal(were, alone):
            break
        whole = together.flag if turn else together.chance < np.quantile(together.chance, AT_FIRST_APART)
    return compared, together


def _surely_apart(compared: Sequence[_Compared], heard: pd.DataFrame, share: float) -> list[Bools]:
    """Return which accounts get so much more of each service that they are no measure for others in it.

    They stand apart by a part of the share allowed: so few ordinary ones are left out that the rest do not look alike.
    """
    from scipy.special import ndtr

    chance = np.where(heard.against, 1.0, ndtr(-heard.surprise))
    apart = heard[not_by_chance(chance, share * SURELY)]
    who = apart.groupby("attribute").customer_id.agg(set)
    each = [one.rows for one in compared]
    return [rows.customer_id.isin(who.get(rows.attribute.iloc[0], set())).to_numpy() for rows in each]


def surely_material(compared: pd.DataFrame, limits: pd.Series[float]) -> pd.DataFrame:
    """Return the comparison with `p_over_served`: the chance that a like account would get less by a material amount.

    Parameters
    ----------
    compared
        As `against_like_accounts` gives it.
    limits
        By customer_id, the cost from which over-service is material.
    """
    short = limits.reindex(compared.customer_id).to_numpy(dtype=np.float64)
    short = short / np.where(compared.each > 0, compared.each, np.inf)
    less = np.maximum(compared.units.to_numpy(dtype=np.float64) - short, 0.0)
    chances = np.zeros(len(compared))
    for place in compared.groupby("attribute").indices.values():
        of = compared.iloc[place]
        rates = Rates(of.middle.to_numpy(), float(of.step.iloc[0]), float(of.temper.iloc[0]), np.zeros(0))
        chances[place] = 1.0 - rates.chance(less[place])
    chances = np.maximum(chances, np.where(compared.over_cost > 0, 1.0 - compared.p_together, 0.0))
    return compared.drop(columns=[name for name in _HELD if name != "units"]).assign(p_over_served=chances)


def _none() -> pd.DataFrame:
    import pandas as pd

    texts, numbers = dict.fromkeys(_TEXTS, "str"), dict.fromkeys(_NUMBERS, "float64")
    kinds = {**texts, **numbers, "within_agreement": "bool"}
    return pd.DataFrame(columns=list(kinds)).astype(kinds)


@dataclass(frozen=True)
class _Service:
    """What all accounts get of one service: a row each; `usual`: those not known to get more than they are due."""

    rows: pd.DataFrame
    values: Floats
    usual: Bools
    step: float
    counted: bool


@dataclass(frozen=True)
class _Compared:
    """A service set against like accounts: a row each, whose service was a measure for others, and their rates."""

    service: _Service
    rows: pd.DataFrame
    usual: Bools
    rates: Rates


def _service(
    like: pd.DataFrame,
    work: pd.DataFrame,
    levels: pd.DataFrame,
    name: str,
    attribute: ServiceAttribute | None,
    policy: Policy,
) -> _Service | None:
    """Return what accounts get of one attribute; None where those few that have it, or are a measure, have no like."""
    mine = like[["customer_id", "years"]].merge(work[work.attribute == name], on="customer_id", how="left")
    mine[list(_EVIDENCE)] = mine[list(_EVIDENCE)].astype("float64").fillna(0.0)
    if (mine.minutes > 0).sum() * 4 < policy.over_service.peer_minimum:
        return None
    counted = attribute is not None and attribute.measure == "count"
    what = "events" if counted else "minutes"
    step = 1.0 if counted else float(mine.squares.sum() / mine.minutes.sum())
    said = levels[levels.attribute == name].drop(columns="attribute")
    mine = mine.merge(said, on="customer_id", how="left")
    usual = ~mine.beyond.fillna(False).to_numpy(dtype=np.bool_)
    if usual.sum() * 4 < policy.over_service.peer_minimum:
        return None
    values = like[[column for column in like if str(column).startswith(_X)]].to_numpy(dtype=np.float64)
    months = PERIOD_MONTHS[attribute.period] if attribute is not None else 1
    units = mine[what]
    rows = mine.assign(
        attribute=name, measure=what if not counted else "count", units=units, periods=mine.years * 12 / months,
        asked=mine[f"asked_{what}"], unasked=mine[f"unasked_{what}"],
        each=np.where(units > 0, mine.cost / np.where(units > 0, units, 1.0), 0.0),
    )  # fmt: skip
    return _Service(rows, values, usual, step, counted)


def _compared(service: _Service, whole: Bools, near: float) -> _Compared:
    """Return a service against like accounts; who gets more of all of them (`whole`) is no measure for others."""
    usual, names = service.usual & ~whole, ("units", "asked", "unasked", "years")
    usual = usual if usual.any() else service.usual
    units, asked, unasked, time = (service.rows[name].to_numpy(dtype=np.float64) for name in names)
    rates = like_rates(service.values, units, time, usual, service.step, regular=service.counted, near=near)
    rare = np.where(unasked > 0, 0.0, _as_rare_as_had(units, usual))
    rows = service.rows.assign(
        middle=rates.middle, step=rates.step, temper=rates.temper,
        asked_share=asked[usual].sum() / max((asked + unasked)[usual].sum(), FINE),
        surprise=np.minimum(rates.surprise(units), highest(rare)),
        rare=rare,
        **dict(zip(_CHANCE, rates.cumulants_of_surprise(), strict=True)),
    )  # fmt: skip
    return _Compared(service, rows, usual, rates)


def _with_chances(compared: _Compared, policy: Policy) -> pd.DataFrame:
    """Return the rows of a service with what like accounts may get, and the chance that one gets as much."""
    rows, rates = compared.rows, compared.rates
    return rows.assign(
        high=rates.quantile(policy.over_service.peer_quantile),
        least=rates.quantile(LOW),
        most=rates.quantile(HIGH),
        p_like=np.maximum(_chance(compared), rows.rare),
    )


def _as_rare_as_had(units: Floats, usual: Bools) -> Floats:
    """Return the share of accounts that get as much of a service that few of them have at all; 0 of other services.

    Who has what one in ten has is one in ten.
    """
    ordered = np.sort(units[usual])
    if not len(ordered) or (ordered > 0).mean() >= RARE:
        return np.zeros(len(units))
    above = 2 * len(ordered) - np.searchsorted(ordered, units, "left") - np.searchsorted(ordered, units, "right")
    return np.asarray(np.where(units > 0, 0.5 * (above + 1) / (len(ordered) + 1), 0.0))


def _chance(compared: _Compared) -> Floats:
    """Return the chance that a like account gets as much, or has as much done unasked, the smaller of the two doubled.

    Unasked work speaks only where the whole is high; a single piece of it is no sign.
    """
    service, rates, usual = compared.service, compared.rates, compared.usual
    units, unasked, time = (service.rows[name].to_numpy(dtype=np.float64) for name in ("units", "unasked", "years"))
    all_of_it = rates.chance(units)
    if not unasked.sum():
        return all_of_it
    share = float(unasked[usual].sum() / max(units[usual].sum(), FINE))
    alone = like_rates(service.values, unasked, time, usual, service.step, regular=service.counted)
    of_both = alone.at_least_a_share(share, rates).chance(unasked)
    both = np.minimum(all_of_it, np.where(all_of_it <= HINT, of_both, 1.0))
    return np.asarray(np.minimum(1.0, 2 * both))


def _heard(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the rows that stand, with what was asked and wished taken into account.

    A row stands where no level is known; and where one was agreed and no wish is known, if most of the work is unasked.
    """
    wish = rows.wish.fillna("").astype(str)
    said = rows.asked + rows.unasked
    demand = _demand(rows, policy.over_service.asked)
    known = rows.entitled.notna() | rows.expected.notna()
    silent = rows.expected.isna() & ~wish.isin(["more", "as_now"]) & (rows.unasked * 2 >= said) & (rows.unasked > 0)
    rows = rows.assign(
        wished=wish, demand=demand, known=known, ceiling=(rows.entitled * rows.periods).where(known, np.inf)
    )
    spoken_for = demand & (wish != "less") | (wish == "more")
    against = spoken_for | (rows.units <= rows.middle)
    return rows.assign(spoken_for=spoken_for, against=against)[~known | silent]


def _weighed(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the rows with what speaks against a service left to chance, and whether it is surely unwanted."""
    chance = rows.p_like.where(~rows.against, 1.0)
    unwanted = (rows.wished == "less") & ~rows.known & (chance <= 1 - policy.over_service.sure)
    return rows.assign(p_like=chance, unwanted=unwanted)


def _demand(rows: pd.DataFrame, share: float) -> pd.Series[bool]:
    """Return where the account itself asked for so much of what it gets beyond like accounts.

    What is usual here is asked for as often as it usually is (`asked_share`): more of it, where the usual is asked for,
    is demand only as far as the more was asked for, too. What nobody knows of is as what is known.
    """
    said = rows.asked + rows.unasked
    more = (rows.units - rows.middle).clip(lower=0)
    found: pd.Series[bool] = _asked_of_more(rows) >= share * more
    return found.where(more > 0, rows.asked >= share * said) & (said > 0)


def _asked_of_more(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the units beyond like accounts that the account asked for; empty where nobody knows who asked."""
    said = rows.asked + rows.unasked
    return rows.asked / said.where(said > 0) * rows.units - rows.asked_share * rows.middle


def _against_all(rows: pd.DataFrame, policy: Policy) -> Bools:
    """Return the services that do not count where the account stands apart by all of them together.

    Those that are not high, and that it wishes more of; and those that it asked for, where it also asked for most of
    what is more of all of them: of one or two pieces more in each, who asked says little of one service.
    """
    import pandas as pd

    more = (rows.units - rows.middle).clip(lower=0).mul(rows.each)
    asked = _asked_of_more(rows).mul(rows.each).where((more > 0) & (rows.wished != "less"))
    known = more.where(asked.notna())
    sums = pd.DataFrame({"asked": asked, "more": known}).groupby(rows.customer_id).transform("sum")
    demand = (sums.more > 0) & (sums.asked >= policy.over_service.asked * sums.more)
    return np.asarray((rows.units <= rows.middle) | (rows.wished == "more") | (rows.spoken_for & demand))


def _together(like: pd.DataFrame, rows: pd.DataFrame, share: float) -> Together:
    """Return which accounts get more than their like over all services together.

    What speaks against a service being more than is due (the account asked for it, or wishes for more) takes away what
    is high in it, not what is low.
    """
    heard = rows.surprise.where(~rows.spoken_for, rows.surprise.clip(upper=0.0))
    told = rows[["customer_id", *_CHANCE]].assign(surprise=heard, things=1.0)
    sums = told.groupby("customer_id").sum().reindex(like.customer_id).fillna(0.0)
    return high_together(sums.surprise.to_numpy(), sums[list(_CHANCE)].to_numpy().T, sums.things.to_numpy(), share)


def _judged(rows: pd.DataFrame, apart: Bools) -> pd.DataFrame:
    """Return the rows with what lies beyond like accounts, in units and money; nothing unless it stands apart."""
    rows = rows[apart | ~rows.known.to_numpy()].assign(apart=apart[apart | ~rows.known.to_numpy()])
    top = np.minimum(rows.units, rows.ceiling)  # what is beyond the agreement counts there already

    def beyond(what: str) -> pd.Series[float]:
        return (top - rows[what]).clip(lower=0).where(rows["apart"], 0.0)

    over = beyond("middle")
    silent = rows.unasked >= rows.asked
    heard = rows.demand | (rows["apart"] & silent & (rows.unasked > 0))
    ground = np.select([rows.wished.isin(["less", "more"]), heard], ["wish", "requested"], "peers")
    found = rows[["customer_id", "attribute", "measure", "periods", "cost", *_HELD]].assign(
        ground=ground,
        delivered=rows.units / rows.periods,
        peer_level=rows.middle / rows.periods,
        peer_high=np.maximum(rows.high, rows.middle) / rows.periods,
        over_units=over / rows.periods,
        over_cost=(over * rows.each).round(4),
        over_cost_low=(np.minimum(beyond("most"), over) * rows.each).round(4),
        over_cost_high=(np.maximum(beyond("least"), over) * rows.each).round(4),
        within_agreement=rows.known,
    )
    less, agreed = rows.wished.to_numpy() == "less", rows.known.to_numpy()
    found["cost_to_trade"] = found.over_cost.where(agreed, 0.0)
    found["cost_to_stop"] = found.over_cost.where(less & ~agreed, 0.0)
    found["cost_to_ask"] = found.over_cost.where(~less & ~agreed, 0.0)
    return found
