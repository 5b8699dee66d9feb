"""The archetypes report: which kinds of accounts there are, what sets them apart, how sure that is, and who moved."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, is_known, number
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import NARROW, draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, bullets, folded, masthead, paragraph, section, subsection, tiles
from analysis.reporting.known import flags
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, element, join, name
from analysis.run import Run
from analysis.topics.archetypes.figures.kind_map import plot_kind_map
from analysis.topics.archetypes.figures.profiles import drawn_features, grid, plot_profiles
from analysis.topics.archetypes.page.archetype_changes import since_last_time
from analysis.topics.archetypes.page.archetype_evidence import how_sure
from analysis.topics.archetypes.words import (
    Kinds,
    answer_in_words,
    feature_title,
    found,
    of_group,
    opening_title,
    standing,
    sum_of,
)

__all__ = ["foot", "how_sure", "opening", "since_last_time", "the_kinds", "the_map", "what_sets_apart"]

#: What the page is made of.
TABLES = ("accounts", "archetypes", "archetype_evidence", "archetype_members", "archetype_profiles")


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say how many kinds hold, and where none do."""
    every, above = found(run), eyebrow(run, "Kinds of accounts")
    if not every:
        judged = run.accounts[["over_served", "difficult"]].notna().any()
        if not judged.any():
            lead = "Kinds are looked for among the over-served and among the difficult; neither is judged here."
            return masthead(above, "Whether there are kinds cannot be told", lead)
        if not judged.all():
            other, which = ("over-served", "difficult") if judged["difficult"] else ("difficult", "over-served")
            lead = f"Kinds are looked for among the over-served and among the difficult; who is {other} is not judged."
            return masthead(above, f"No account is {which}, so there are no kinds among them", lead)
        lead = "Kinds are looked for among the over-served and among the difficult; nobody is either."
        return masthead(above, "No account is over-served or difficult, so there are no kinds", lead)
    lead = (
        "A kind is a group of accounts that are over-served, or difficult, in the same way. It gets a name only where "
        "it is found again in data drawn anew; where none is, each account is a case of its own, and that is an answer."
    )
    return join(masthead(above, opening_title(every), lead), tiles([_tile(kinds, run) for kinds in every]))


def the_kinds(run: Run) -> Html:
    """List the kinds of each group: accounts, money, how sure, and the most typical account."""
    return join(*[_kinds(run, kinds) for kinds in found(run)])


def what_sets_apart(run: Run) -> Html:
    """Draw what the accounts of each kind have more of than the others."""
    holding = [kinds for kinds in found(run) if len(kinds.rows)]
    if not holding:
        return Html()
    total = sum(len(kinds.rows) for kinds in holding)
    parts = [_profiles(run, kinds) for kinds in holding]
    note = paragraph(
        "Bar: the mean share of the kind's accounts. Upright line: that of all other accounts of the group. Kinds are "
        "told apart by shares, not by amounts, so that large and small accounts can be of one kind. They were made "
        "from these shares: the intervals say how distinct they are, not that they are real.",
        kind="note",
    )
    title = f"What sets the {count(total)} kinds apart" if total > 1 else "What sets the kind apart"
    return section("apart", title, *parts, note, basis(run, "work"), short="What sets apart")


def the_map(run: Run) -> Html:
    """Draw the accounts of each group in two dimensions, those without a kind in grey."""
    holding = [kinds for kinds in found(run) if len(kinds.rows)]
    total = sum(kinds.accounts for kinds in holding)
    title = f"{counted(total, 'account')} on a map: near means alike"
    parts = [_map(run, kinds) for kinds in holding]
    return section("map", title, *parts, short="The map") if parts else Html()


def _link() -> Html:
    return element("a", "What sets each kind apart", href="archetypes.html")


def _tile(kinds: Kinds, run: Run) -> Tile:
    what = kinds.group.who.capitalize()
    if kinds.rows.empty:
        return Tile(what, "No kinds", answer_in_words(kinds, run.policy.archetypes.minimum))
    note = f"{count(kinds.placed)} of {counted(kinds.accounts, 'account')}, {sum_of(kinds, run.policy.currency)}"
    return Tile(what, counted(len(kinds.rows), "kind"), f"{note} {kinds.group.cost.lower()}")


def _kind_column() -> tables.Column:
    return tables.Column(
        "Kind", lambda row: join(element("strong", str(row["letter"])), " ", name(row["archetype"], longest=90)), False
    )


def _kinds(run: Run, kinds: Kinds) -> Html:
    currency, group = run.policy.currency, kinds.group
    title = answer_in_words(kinds, run.policy.archetypes.minimum)
    if kinds.rows.empty:
        return (
            section(group.code, title, _why_none(run, kinds), short=group.who.capitalize())
            if kinds.accounts
            else Html()
        )
    typical = run.accounts[["customer_id", "name"]].rename(columns={"customer_id": "typical", "name": "typical_name"})
    rows = kinds.rows.merge(typical, on="typical", how="left")
    shown = [
        _kind_column(),
        tables.count("Accounts", "accounts"),
        tables.change(group.cost, group.money),
        tables.money("Net margin", "net_margin"),
        tables.Column("How sure", standing, number=False),
        tables.share("Found again", "stability"),
        linked(run, "Most typical", label="typical_name", key="typical"),
    ]
    rest = f"{counted(kinds.rest, 'account')} {agree(kinds.rest, 'fits', 'fit')} no kind." if kinds.rest else ""
    told: list[Child] = [
        join(element("strong", row["letter"]), ": ", name(row["sets_apart"], longest=300))
        for row in rows.to_dict("records")
    ]
    return section(
        group.code,
        f"{title}: {sum_of(kinds, currency)} {group.cost.lower()}",
        tables.table(rows, shown, f"The kinds, largest first, {currency}"),
        folded("In words: each feature's share there, and elsewhere", bullets(told, "plain")),
        paragraph(rest) if rest else None,
        basis(run, "work"),
        short=group.who.capitalize(),
    )


def _why_none(run: Run, kinds: Kinds) -> Html:
    """Say what spoke against kinds."""
    if kinds.answer == "too few":
        return paragraph("With so few, any grouping would be chance. Read them one by one.")
    rows = run.archetype_evidence[run.archetype_evidence["kind"] == kinds.group.code]
    supported = rows["supported"].astype("boolean").fillna(False).any()
    chance = float(rows["chance_if_shuffled"].iloc[0])
    if kinds.answer == "kinds":
        why = "Groups can be drawn, but none of them is found again often enough to have a name."
    elif not supported:
        why = "They lie no closer together in groups than accounts spread evenly would."
    elif is_known(chance) and chance > run.policy.archetypes.significance:
        why = "Accounts with the same habits mixed at random would part into groups as well as these do."
    else:
        why = "Half of the accounts do not predict how the other half would be grouped."
    return paragraph(f"{why} Read them one by one: no step is proposed by kind.")


def _profiles(run: Run, kinds: Kinds) -> Html:
    rows, letters, group = of_group(run.archetype_profiles, kinds), kinds.letters, kinds.group
    features = len(drawn_features(rows))
    heights = tuple(grid(len(letters), features, narrow=narrow)[2] for narrow in (False, True))
    told = "; ".join(f"{letter}, {kind}" for kind, letter in letters.items())
    figure = draw(
        lambda ax: plot_profiles(rows, letters, group.colour.light, ax),
        name=f"profiles-{group.code}",
        alt=f"A small chart for each kind of {group.who} accounts, a bar for each feature: {told}. The table above "
        "gives the shares that set each apart.",
        heights=(heights[0], heights[1]),
    )
    listed = folded("The same in numbers, with intervals", _differences(rows, kinds))
    return subsection(f"{group.who.capitalize()} accounts: {counted(len(letters), 'kind')}", figure, listed)


def _differences(rows: pd.DataFrame, kinds: Kinds) -> Html:
    """Set the shares that are clearly higher or lower in a kind, with the interval of the difference."""
    clear = rows[flags(rows["share"]) & ((rows["low"] > 0) | (rows["high"] < 0))]
    order = clear.assign(letter=clear["archetype"].map(kinds.letters)).sort_values(
        ["letter", "difference"], ascending=[True, False]
    )
    shown = [
        tables.Column("Kind", lambda row: element("strong", str(row["letter"])), number=False),
        tables.Column("Feature", lambda row: feature_title(row["feature"]), number=False),
        tables.share("Here", "mean"),
        tables.share("Elsewhere", "rest"),
        tables.Column("Difference", lambda row: number(row["difference"])),
        tables.Column("95% interval", lambda row: f"{number(row['low'])} to {number(row['high'])}"),
    ]
    return tables.table(order, shown, "What is clearly higher or lower; differences in standard deviations")


def _map(run: Run, kinds: Kinds) -> Html:
    rows, letters, group = of_group(run.archetype_members, kinds), kinds.letters, kinds.group
    rest = f", {count(kinds.rest)} without a kind in grey" if kinds.rest else ""
    figure = draw(
        lambda ax: plot_kind_map(rows, letters, group.colour.light, ax),
        name=f"map-{group.code}",
        alt=f"{counted(kinds.accounts, group.one)} as points in {counted(len(letters), 'kind')}, each with a shape and "
        f"a letter of its own{rest}. Accounts that are alike lie near each other.",
        heights=(380, NARROW),
        caption="The first two principal components of what kinds are told apart by: what lies apart on the map is "
        "apart; what seems to touch may differ in what is not drawn. Grey crosses: without a kind.",
    )
    return subsection(f"{group.who.capitalize()} accounts", figure)
