"""The executive page's tiles: each one number, with how much of the business it speaks of."""

from __future__ import annotations

from analysis.formats import amount, count, counted, listed, money, money_range, percent, some
from analysis.reporting.fragments import Tile, tiles
from analysis.reporting.known import comparable, net_margin_title, work_recorded
from analysis.reporting.markup import Html
from analysis.reporting.ranges import sure
from analysis.reporting.told import told, told_count, told_sum
from analysis.run import Run
from analysis.topics.difficulty.page.difficult import failed_cases
from analysis.topics.profitability.page.books import books_tile
from analysis.topics.profitability.page.findings import Standing, change
from analysis.topics.service.page.over_served_cards import judged


def standing_tiles(run: Run, now: Standing) -> Html:
    """Set the tiles that there is something to say about."""
    # Where all whose margin is known bought and took nothing, nothing is known of a margin.
    of_margins = [_margin(run, now), _costing(run, now)] if now.measured > now.idle else _sums(run, now)
    # Work and trouble are told by the log and the cases, whether or not sales are recorded.
    shown = [
        *of_margins,
        _over_service(run),
        _difficult(run),
        _failures(run) or failed_cases(run),
        books_tile(run) if now.measured else None,
    ]
    return tiles([tile for tile in shown if tile is not None])


def _margin(run: Run, now: Standing) -> Tile:
    currency, last = run.policy.currency, run.last_year
    whole = not now.unmeasured and last["net_margin"].notna().all()
    before = float(last["net_margin"].sum()) if whole and comparable(run) else None
    found = sure(run)
    parts = [money_range(found.low, found.high) if found else "", change(now.total, before, currency)]
    revenue = money(told(run, "net_revenue"), currency)
    note = "; ".join(part for part in parts if part) or f"of {revenue} net revenue"
    if now.unmeasured:
        note = f"of {count(now.measured)} of {counted(now.accounts, 'account')}; the others' is not known"
    return Tile(net_margin_title(run.accounts), amount(now.total), note, "cost" if now.total < 0 else "")


def _sums(run: Run, now: Standing) -> list[Tile]:
    """Tell what is known where no margin is: what was sold, and what serving it took."""
    if not now.sold > 0:
        return []
    found = [Tile("Net revenue", amount(now.sold), f"of {counted(now.accounts, 'account')}; what stays is not known")]
    if now.served:
        found.append(Tile("Cost to serve", amount(now.served), f"{percent(now.served / now.sold)} of net revenue"))
    return found


def _costing(run: Run, now: Standing) -> Tile:
    label = "Cost more than they bring"
    if not now.costing:
        known = " whose margin is known" if now.unmeasured else ""
        served = "" if work_recorded(run.accounts) else ", before the work of serving them"
        return Tile(label, "no account", f"of {counted(now.measured, 'account')}{known}{served}")
    found = sure(run)
    notes = [found.losers] if found and found.fewest < found.most else []
    new = f"in {'its' if now.costing == 1 else 'their'} first year"
    # Where every account is new, the data begin with the window: that says nothing of those that cost. Nor does it
    # where nobody recorded since when they are customers.
    if run.accounts["since"].notna().any() and not run.accounts["first_year"].fillna(False).all():
        notes.append(f"{some(now.first_year)} {new if run.window.months <= 12 else 'began within the window'}")
    if now.ours is not None:
        notes.append(f"{some(now.ours)} would earn without our failures")
    return Tile(label, counted(now.costing, "account"), "; ".join(notes), "cost")


def _failures(run: Run) -> Tile | None:
    whole, cost = told_sum(run, "cost_to_serve"), told_sum(run, "our_failures_cost")
    if cost <= 0:
        return None
    where = f"at {counted(int((run.accounts['failure_cost'] > 0).sum()), 'account')}"
    note = f"{percent(cost / whole)} of cost to serve, {where}" if whole > 0 else where
    return Tile("Our own failures cost", amount(cost), note)


def _over_service(run: Run) -> Tile | None:
    now = judged(run)
    if not now.scored:
        return None
    if not now.over:
        return Tile(_BEYOND, "no account", f"of {counted(now.scored, 'account')} scored, none is over-served")
    sums = {what: told_sum(run, f"beyond_{what}") for what in ("agreed", "wanted")}
    parts = [f"{amount(sum_)} beyond {what}" for what, sum_ in sums.items() if sum_ > 0]
    told = [f"at {count(now.over)} of {count(now.scored)} scored", f"with all, {listed(parts)}" if parts else ""]
    return Tile(_BEYOND, amount(now.cost), "; ".join(part for part in told if part))


_BEYOND = "Service beyond agreed or wanted"


def _difficult(run: Run) -> Tile | None:
    scored, ours = told_count(run, "difficulty_scored"), told_count(run, "difficult_by_us")
    if not scored:
        return None
    more = f"; {count(ours)} more by our own doing" if ours else ""
    return Tile(
        "Truly difficult", counted(told_count(run, "truly_difficult"), "account"), f"of {count(scored)} scored{more}"
    )
