"""What to do, on hand-made frames: what is said, and what is said where there is little to say."""

import html
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.errors import UsageError
from analysis.reporting.action_words import ACTIONS, RUNGS, action_title
from analysis.topics.actions.figures.steps import plot_steps
from analysis.topics.actions.figures.what_ifs import plot_what_ifs
from analysis.topics.actions.page import actions, assumed
from analysis.topics.actions.page.freed import brought
from analysis.topics.actions.page.what_to_do import one_more_hour, promised, what_to_do
from analysis.topics.overview.page import executive
from analysis.topics.overview.page.talk_first import first_in_short, record, why_wider

TEN = [name for name in actions.__all__ if name != "foot"]


def words(page: object) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|style).*?</\1>", "", str(page))))
    return re.sub(r"\s+", " ", text).replace("\N{NO-BREAK SPACE}", " ")


def whole(run) -> str:
    return "".join(str(getattr(actions, name)(run)) for name in TEN)


def step(customer: str, action: str, value: float, **more):
    row = {
        "customer_id": customer, "action": action, "value": value, "low": 0.8 * value, "high": 1.2 * value,
        "cash": 0.5 * value, "hours": 6.0, "freed_hours": 10.0, "one_off_cost": 300.0, "chosen": False,
        "why_not": "", "p_gain": 1.0, "rung": "renegotiate", "team": "account_managers", "quarter": 1,
    }  # fmt: skip
    return {**row, **more}


@pytest.fixture
def decided(made):
    """Two planned steps, one account that we failed, one that might be parted with, one step that kept its promise."""
    accounts = made.statement(
        [
            {"customer_id": "A", "name": "Halden", "list_revenue": 2e4, "cogs": 9e3, "account_manager": "Ann B."},
            {"customer_id": "B", "name": "<script>x</script>", "list_revenue": 20_000.0, "cogs": 9_000.0},
            {"customer_id": "C", "name": "Verity", "list_revenue": 1_000.0, "cogs": 3_000.0},
        ]
    ).assign(
        action=["trim_frequency", "mend_our_failures", "talk"], action_value=[9_000.0, 2_000.0, -50.0],
        action_value_low=[8_000.0, 1_000.0, -90.0], action_value_high=[10_000.0, 3_000.0, 0.0],
    )  # fmt: skip
    steps = [
        step("A", "none", 0.0, rung="reassess"),
        step("A", "trim_frequency", 9_000.0, chosen=True),
        step("A", "reprice", 700.0, low=-50.0),
        step("B", "mend_our_failures", 2_000.0, chosen=True, rung="reassess", team="service"),
        step("B", "reprice", 100.0, why_not="what our own failures cause comes first"),
    ]
    planned = [step("A", "trim_frequency", 9_000.0), step("B", "mend_our_failures", 2_000.0, team="service")]
    total = {
        "accounts": 2, "value": 11_000.0, "low": 9_000.0, "high": 13_000.0, "cash": 5_500.0, "hours": 12.0,
        "freed_hours": 20.0, "one_off_cost": 600.0, "gap": 0.0, "left_out": 1,
        "cash_low": 4_000.0, "cash_high": 7_000.0,
    }  # fmt: skip
    ending = {
        "customer_id": "C", "running_margin": -2_000.0, "value": 1_500.0, "low": 900.0, "high": 2_000.0, "p_gain": 1.0,
        "at_risk_elsewhere": 0.0, "rungs_tried": "reassess", "rungs_left": "educate, renegotiate, migrate",
        "proposed": False, "approved": False, "why_not": "earlier rungs are still to try",
    }  # fmt: skip
    taken = {
        "customer_id": "A", "action": "payment_terms", "on": pd.Timestamp("2026-02-01"), "promised": 400.0,
        "came": 350.0, "verdict": "kept",
    }  # fmt: skip
    run = made.made_run(accounts)
    run.tables = {
        "actions": conform(pd.DataFrame(steps), "actions"),
        "plan": conform(pd.DataFrame(planned), "plan"),
        "plan_total": conform(pd.DataFrame([total]), "plan_total"),
        "team_hours": conform(
            pd.DataFrame([{"team": "service", "quarter": 1, "hours": 100.0, "used": 99.0, "one_more_hour": 240.0}]),
            "team_hours",
        ),
        "endings": conform(pd.DataFrame([ending]), "endings"),
        "track_record": conform(pd.DataFrame([taken]), "track_record"),
        "combinations": conform(
            pd.DataFrame([step("A", "reprice + trim_frequency", 9_500.0, single=9_000.0)]), "combinations"
        ),
        "what_ifs": conform(
            pd.DataFrame(
                [{"action": "trim_frequency", "assumption": "share", "low": 0.7, "likely": 0.9, "high": 1.0,
                  "accounts": 1, "value": 9_000.0, "value_at_low": 7_000.0, "value_at_high": 10_000.0}]
            ),
            "what_ifs",
        ),
        "look_for": conform(
            pd.DataFrame([
                {"feature": "Industry: <b>x</b>", "share": 0.5, "others": 0.1, "lift": 0.9, "by_chance": 0.01,
                 "accounts": 12},
                {"feature": "Region: by chance", "share": 0.5, "others": 0.3, "lift": 0.4, "by_chance": 0.4,
                 "accounts": 12},
            ]),
            "look_for",
        ),
    }  # fmt: skip
    sentences = ["Account reviews from 9 to 4 a year", "Mend our own failures first", "Talk to it"]
    named = accounts[["customer_id", "name"]].assign(step=list(accounts.action), sentence=sentences, in_short=sentences)
    run.next_steps = conform(named, "next_steps")
    return run


@pytest.mark.parametrize(
    ("low", "told"),
    [(16_000.0, "counts refusals, too"), (-4_900.0, "it may be a loss, though each adds"), (float("nan"), "")],
)
def test_where_all_talks_may_lose_though_each_adds_the_overview_says_why(low: float, told: str) -> None:
    figures = pd.DataFrame({"figure": ["talks_first_cash"], "low": [low]})
    run = SimpleNamespace(table={"figures": figures}.get)
    said = why_wider(run, pd.DataFrame({"value_low": [11_000.0, 500.0]}))
    assert (told in said) if told else not said


def test_the_total_has_a_range_and_says_what_is_not_in_it(decided) -> None:
    page = words(what_to_do(decided))
    assert (
        "Steps with 2 accounts bring EUR 5.5 k in cash over 36 months (4.0 to 7.0 k) and set 20 hours a year free"
        in page
    )
    # What it comes to at full cost is no headline: it counts the time that is set free as if it were money.
    assert "At full cost it comes to EUR 11 k (9.0 to 13 k), once the time that becomes free is used or let go" in page
    assert "1 account has a best step that may lose money as well as add it: not in the total" in page
    assert "Ann B." in page
    assert "Account reviews from 9 to 4 a year" in page and "Mend our own failures first" in page
    # In a notebook no style breaks the line between the two.
    assert re.search(r"> <span class=\"sub\">10\W?hours", str(what_to_do(decided)))
    decided.tables["plan"] = decided.table("plan").assign(freed_hours=0.0)
    assert "0 hours" not in words(what_to_do(decided)).replace("20 hours", "")


def test_the_overview_begins_with_our_own_failures_where_mending_them_adds_more_than_the_talks(decided) -> None:
    steps = [
        ("trim_frequency", 18.0, -31.0, True),
        ("mend_our_failures", 587.0, 407.0, False),
        ("talk", 24.0, 25.0, False),
    ]
    for (step, value, cash, talked), column in zip(steps, range(3), strict=True):
        told = {"steps": step, "value": value, "cash": cash, "freed_hours": 7.0, "hours": 6.0, "planned": True}
        decided.next_steps.loc[column, [*told, "talk_first"]] = [*told.values(), talked]
    assert words(first_in_short(decided)) == (
        "Mending our own failures with 1 account would bring EUR 407 in cash over 36 months and set 7 hours a year "
        "free."
    )
    decided.next_steps = decided.next_steps.assign(value=[18.0, 17.0, 24.0])
    assert words(first_in_short(decided)) == (
        "1 talk would add EUR 18 over 36 months once the 7 hours a year that become free are used or let go, and cost "
        "EUR 31 in cash."
    )


def test_the_hour_that_is_short_has_its_price(decided) -> None:
    page = words(actions.one_more_hour(decided))
    assert "One more hour of the service would add EUR 240" in page
    assert "no plan adds more" in page
    assert "dual price" in page


def test_where_we_failed_nothing_is_asked(decided) -> None:
    page = words(actions.ours_first(decided))
    assert "With 1 account, our own failures come first" in page
    assert "No account is repriced, moved or ended for what we did to it" in page


def test_an_ending_says_what_stands_against_it_and_what_to_do_instead(decided) -> None:
    page = words(actions.parting(decided))
    assert "Of 1 account still here that loses money, ending 1 would add something over 36 months (EUR 1.5 k)" in page
    assert "none may be proposed" in page
    assert "educate, renegotiate and migrate" in page
    assert "Talk to it" in page  # its one next step, in the words of all pages
    assert "Earlier rungs are still to try: 1 account" in page


def test_a_proposed_ending_needs_a_person(decided) -> None:
    one = decided.tables["endings"].assign(
        proposed=True, why_not="", needs="a person's approval; then 3 months' notice"
    )
    decided.tables["endings"] = conform(one, "endings")
    page = words(actions.parting(decided))
    assert "1 may be proposed, and a person decides" in page
    assert "a person's approval; then 3 months' notice" in page


def test_what_earlier_steps_brought_is_set_beside_what_they_promised(decided) -> None:
    page = words(promised(decided))
    assert "1 earlier step promised EUR 400 a year and brought EUR 350; it kept its promise" in page
    untold = decided.tables["track_record"].assign(verdict="not measurable yet")
    decided.tables["track_record"] = conform(untold, "track_record")
    assert "cannot be measured yet" in words(promised(decided))


def test_where_nothing_is_sure_no_step_is_planned(made) -> None:
    run = made.made_run(made.statement([{"customer_id": "A", "list_revenue": 10.0}]))
    nothing = dict.fromkeys(("accounts", "value", "low", "high", "gap", "left_out"), 0.0)
    run.tables["plan_total"] = conform(pd.DataFrame([{**nothing, "accounts": 0, "left_out": 0}]), "plan_total")
    page = words(what_to_do(run))
    assert "No step could be weighed" in page
    assert "how long is not known. Days on which accounts ended, contracts" in page
    run.tables["actions"] = conform(pd.DataFrame([step("A", "none", 0.0)]), "actions")
    assert "No step is sure to add anything" in words(what_to_do(run))
    assert "nan" not in words(whole(run)).lower().split()


def test_without_any_table_the_page_stands(made) -> None:
    run = made.made_run(made.statement([]))
    assert "What to do next cannot be told from this data" in words(whole(run))


def test_what_chance_would_part_as_well_does_not_tell_whom_to_look_for(decided) -> None:
    page = words(whole(decided))
    assert "Industry: <b>x</b> 50% 10%" in page
    assert "Region: by chance" not in page


def test_no_code_name_and_no_markup_of_the_data_is_shown(decided) -> None:
    page = whole(decided)
    assert "<script>x" not in page and "<b>x</b>" not in page
    assert not re.search(r"\b(trim_frequency|mend_our_failures|account_managers|payment_terms)\b", words(page))


def test_a_run_read_from_its_tables_says_how_to_try_a_step(decided) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UsageError("read from a run's tables")

    decided.what_if = refuse
    page = words(assumed.what_if(decided, "reprice", share=0.03))
    assert "written from a run's tables" in page
    with pytest.raises(UsageError):
        assumed.what_if(decided, "raise_prices")


def test_every_step_and_rung_has_words() -> None:
    assert len(ACTIONS) == 17 and len(RUNGS) == 5
    assert action_title("payment_terms + reprice") == "Agree on payment; raise the price"


def test_the_figures_draw_what_the_tables_say(decided) -> None:
    plan = decided.tables["plan"].assign(name="x" * 80, title="Trim")
    axes = plot_steps(plan, "EUR")
    dots = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    assert dots == [9_000.0, 2_000.0]
    rows = pd.DataFrame([{"label": "x", "low_end": -2_000.0, "high_end": 1_000.0}])
    assert [bar.get_width() for bar in plot_what_ifs(rows, "EUR").patches] == [-2_000.0, 1_000.0]
    assert plot_steps(plan.iloc[:0], "EUR").texts[0].get_text() == "No step is planned."
    assert "No assumption" in plot_what_ifs(rows.iloc[:0], "EUR").texts[0].get_text()


@pytest.mark.parametrize("size", [0, 1, 2, 150])
def test_a_portfolio_of_any_size_and_with_any_names_makes_a_page(size: int, made) -> None:
    accounts = made.portfolio(size)
    run = made.made_run(accounts)
    rows = [step(row, "reprice", 100.0 + place) for place, row in enumerate(accounts["customer_id"])]
    frame = pd.DataFrame(rows, columns=list(step("A", "none", 0.0)))
    run.tables = {"actions": conform(frame, "actions"), "plan": conform(frame, "plan")}
    total = {"accounts": size, "value": float(frame["value"].sum()), "low": 1.0, "high": 2.0, "left_out": 0, "gap": 0.0}
    run.tables["plan_total"] = conform(pd.DataFrame([{**total, "cash": 1.0, "freed_hours": 1.0}]), "plan_total")
    page = whole(run)
    assert "<script>alert" not in page
    # Of the names, the seventh is NaN.
    assert size > 6 or "nan" not in words(page).lower().split()
    assert page.count("<h1") == 1


def test_the_actions_page_names_who_is_next_and_the_executive_page_names_no_seller(decided):
    assert "Ann B." in words(what_to_do(decided))
    assert "Ann B." not in words(executive.what_next(decided))
    assert "account managers" in words(executive.what_next(decided))


def test_what_the_record_says_stands_beside_the_policy_and_what_is_used(decided) -> None:
    told = {
        "action": "trim_frequency", "assumption": "share", "low": 0.75, "likely": 0.9, "high": 0.97, "steps": 8,
        "record": 0.1, "record_low": -0.05, "record_high": 0.25, "weight": 0.8, "used_low": 0.1, "used_likely": 0.24,
        "used_high": 0.4, "why_not": "", "differ": 0.36,
    }  # fmt: skip
    decided.tables["learnt"] = conform(pd.DataFrame([told]), "learnt")
    page = words(actions.what_was_learnt(decided))
    assert "8 earlier steps tell what to expect of the next" in page
    assert "now counts with 24% of what it acts on, where the policy says 90%" in page
    assert "75% / 90% / 97%" in page and "10% / 24% / 40%" in page and "80%" in page and "36%" in page
    parts = [
        told | {"by": "industry", "segment": segment, "steps": 4, "used_low": low, "used_likely": low, "used_high": low}
        for segment, low in (("<i>Food</i>", 0.9), ("Retail", 0.03))
    ]
    decided.tables["learnt"] = conform(pd.DataFrame([told, *parts]), "learnt")
    page = words(actions.what_was_learnt(decided))
    assert "8 earlier steps tell accounts apart" in page
    assert "counts with 90% of what it acts on in the industry <i>Food</i>, and with 3% in Retail" in page
    assert "<i>" not in str(actions.what_was_learnt(decided))
    decided.tables["learnt"] = decided.tables["learnt"].head(0)
    assert actions.what_was_learnt(decided) == ""


def test_freed_time_stands_beside_idle_time_and_is_no_sum_of_money(decided) -> None:
    row = {
        "resource": "field_team", "idle_hours": 300.0, "freed_hours": 20.0, "freed_cost": 1_560.0,
        "relieves_hours": 0.0, "capacity_step_hours": 250.0, "steps_idle": 1, "steps_freed": 0, "cash_year": 0.0,
        "worth_year": 0.0,
    }  # fmt: skip
    hardly = row | {"resource": "sales_team", "idle_hours": 174.0, "freed_hours": 0.2}
    decided.tables["freed_capacity"] = conform(pd.DataFrame([row, hardly]), "freed_capacity")
    page = words(actions.freed_time(decided))
    assert (
        "The plan frees 20 hours a year, beside 300 hours that stand idle already: they bring no cash by themselves"
        in page
    )
    assert "1 stands idle, no more with the plan; each of 250 hours" in page
    assert "beside 300 hours that stand idle" in words(actions.opening(decided))


def test_a_plan_that_rests_on_one_step_says_so_and_what_it_adds_at_the_worst(decided) -> None:
    assert actions.at_worst(decided) == ""
    known = {"worst_tenth": 8_000.0, "most_on": "trim_frequency", "most_on_share": 0.9}
    decided.tables["plan_total"] = decided.tables["plan_total"].assign(**known)
    page = words(actions.the_plan(decided))
    assert (
        "In the worst tenth of the draws, a yes and a no averaged, the plan adds EUR 8.0 k: 90% of it rests on one step"
        in page
    )
    decided.tables["plan_total"] = decided.tables["plan_total"].assign(most_on_share=0.4)
    assert "rests on one step" not in words(actions.the_plan(decided))


def test_what_to_find_out_names_whom_to_ask_and_what_to_try(decided) -> None:
    asked = {"customer_id": "A", "question": "agrees", "action": "reprice", "chance": 0.45, "without": 900.0}
    tried = {"customer_id": None, "question": "works", "action": "trim_frequency", "chance": 0.6, "without": 9_000.0}
    rows = pd.DataFrame([{**asked, "value": 400.0, "accounts": 1}, {**tried, "value": 2_500.0, "accounts": 12}])
    decided.tables["questions"] = conform(rows, "questions")
    page = words(actions.what_to_find_out(decided))
    assert "Find out first how well it works to" in page
    assert "knowing it would add EUR 2.5 k with 12 accounts" in page
    assert "Would it go along?" in page and "45%" in page
    decided.tables["questions"] = decided.tables["questions"].head(1)
    assert "1 account is worth asking first" in words(actions.what_to_find_out(decided))


def trials_of(decided, **more: object) -> str:
    row = {
        "trial": "trim_frequency 2026-10-31", "action": "trim_frequency", "drawn_on": pd.Timestamp("2026-10-31"),
        "kind": "staggered", "state": "proposed", "at_stake": 9_000.0, "could_have": 4, "accounts": 2,
        "quarters_before": 4, "expected": 0.5, "could_see": 0.4, "power": 0.9, "waiting_costs": 300.0, "why_not": "",
    }  # fmt: skip
    none = {"trial": "reprice 2026-10-31", "action": "reprice", "kind": "none", "at_stake": 700.0, "could_have": 1}
    rows = [row | more, none | {"why_not": "nothing that is recorded would show what it changes"}]
    decided.tables["trials"] = conform(pd.DataFrame(rows), "trials")
    pair = {"trial": row["trial"], "pair": 1, "matter": 500.0, "value": 4_000.0, "planned": True}
    members = [pair | {"customer_id": "A", "part": "now"}, pair | {"customer_id": "B", "part": "wait"}]
    decided.tables["trial_accounts"] = conform(pd.DataFrame(members), "trial_accounts")
    return words(actions.try_it_small(decided))


def test_a_trial_names_who_goes_first_what_it_would_show_and_what_waiting_costs(decided) -> None:
    page = trials_of(decided)
    assert (
        "with 1 account now and as many a quarter later would tell whether it works: it would show 40%, where 50% is "
        "assumed, and costs EUR 300" in page
    )
    assert "Halden" in page and "a quarter later" in page and "<script>" not in str(actions.try_it_small(decided))
    assert "nothing that is recorded would show what it changes" in page
    weak = trials_of(decided, could_see=0.8, why_not="chance moves so few accounts by more than what is assumed")
    assert "only if 80% went; assumed is 50%" in weak


def test_a_trial_that_runs_or_was_read_says_so(decided) -> None:
    day = pd.Timestamp("2027-02-15")
    running = trials_of(decided, state="running", had_it=1, reads_on=day)
    assert "it can be read from 15 February 2027 on" in running and "1 account has it" in running
    came = {"came": 0.45, "came_low": 0.2, "came_high": 0.7, "pairs_told": 7, "state": "read"}
    assert "works; 45% of what it acts on went (20% to 70%), where 50% was assumed" in trials_of(
        decided, verdict="works", **came
    )
    assert "has not been seen to work" in trials_of(decided, verdict="not_seen", **came | {"came_low": -0.1})
    untold = trials_of(decided, state="read", why_not="it was not run as drawn")
    assert "it was not run as drawn" in untold
    decided.tables["trials"] = decided.tables["trials"].head(0)
    assert actions.try_it_small(decided) == ""


def learnt_of(**changed: object) -> dict[str, object]:
    stated = {"low": 0.3, "likely": 0.5, "high": 0.7, "used_low": 0.3, "used_likely": 0.5, "used_high": 0.7}
    return {
        "action": "educate",
        "assumption": "accepts",
        "steps": 1,
        "weight": 0.06,
        "why_not": "",
        **stated,
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "rests", "title"),
    [
        ({"used_likely": 0.53}, True, "1 earlier step tells how many agree; what steps change cannot be told yet"),
        ({}, False, "What earlier steps changed cannot be told yet: the plan rests on the policy's ranges"),
        ({"assumption": "share", "used_likely": 0.502}, True, "to show how to order and ask with less effort still "
         "counts with 50% of what it acts on, as the policy says"),
    ],
)  # fmt: skip
def test_overview_and_actions_page_agree_on_whether_steps_rest_on_the_record(decided, changed, rests, title) -> None:
    decided.tables["learnt"] = conform(pd.DataFrame([learnt_of(**changed)]), "learnt")
    assert title in words(actions.what_was_learnt(decided))
    told = words(record(decided))
    assert ("The amounts above rest on that, too." in told) == rests
    assert ("The amounts above are not scaled by that." in told) != rests


def test_what_the_plan_frees_is_told_of_all_resources_on_every_line_that_tells_it(decided) -> None:
    """Of 170.4 and 0.3 hours each line says 171, though a resource with 0.3 stands in no row of its own."""
    row = {"resource": "field_team", "idle_hours": 300.0, "freed_hours": 170.4, "freed_cost": 1_560.0, "cash_year": 0.0}
    hardly = row | {"resource": "sales_team", "freed_hours": 0.3}
    decided.tables["freed_capacity"] = conform(pd.DataFrame([row, hardly]), "freed_capacity")
    total = decided.tables["plan_total"].assign(freed_hours=170.7)
    decided.tables["plan_total"] = total
    assert "The plan frees 171 hours a year" in words(actions.freed_time(decided))
    assert "set 171 hours a year free" in words(what_to_do(decided))


def test_ends_of_assumptions_are_told_as_shares_as_money_and_as_times(decided) -> None:
    row = {"action": "reprice", "accounts": 1, "value": 9e3, "value_at_low": 7e3, "value_at_high": 1e4}
    ends = {"accepts": (0.3, 0.6), "cost": (563_883.0, 1_691_648.0), "pull_refused": (1.6, 2.8)}
    rows = [row | {"assumption": name, "low": low, "likely": low, "high": high} for name, (low, high) in ends.items()]
    decided.tables["what_ifs"] = conform(pd.DataFrame(rows), "what_ifs")
    page = words(assumed.what_matters_most(decided))
    assert "30% to 60%" in page and "EUR 564 k to 1.69 M" in page and "1.6 to 2.8 times" in page
    assert "563,883" not in page


def test_of_one_earlier_step_and_of_one_account_is_told_in_the_singular(decided) -> None:
    assert "1 earlier step promised EUR 400 a year and brought EUR 350; it kept its promise" in words(promised(decided))
    decided.tables["track_record"] = decided.tables["track_record"].assign(verdict="short")
    assert "; it did not keep its promise" in words(promised(decided))
    assert "our own failures come first: nothing is asked of it yet" in words(actions.ours_first(decided))


@pytest.mark.parametrize(("scale", "one_more"), [(1.0, 240.0), (1e-6, 2.4e-4), (1e6, 2.4e8)])
def test_what_one_more_hour_adds_hangs_on_no_scale_of_money(decided, scale, one_more) -> None:
    decided.tables["plan_total"] = decided.tables["plan_total"].assign(value=11_000.0 * scale)
    for hour, told in ((one_more, "One more hour of the service would add"), (1e-9 * scale, "hours enough")):
        decided.tables["team_hours"] = decided.tables["team_hours"].assign(one_more_hour=hour)
        assert told in words(one_more_hour(decided))


@pytest.mark.parametrize("cash", [0.3, -0.3])
def test_cash_of_books_kept_in_millions_is_cash(cash) -> None:
    told = brought(cash, cash - 0.1, cash + 0.1, 0.0, "", "EUR").replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("bring EUR 0.30 in cash" if cash > 0 else "cost EUR 0.30 in cash")
    assert brought(0.001, 0.0, 0.001, 0.0, "", "EUR") == "bring no cash"
