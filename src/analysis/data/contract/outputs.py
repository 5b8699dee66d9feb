"""The output tables: every column of a run's `tables/`, typed, whether filled yet or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.data.contract.schema import Kind, Table, day, flag, integer, money, number, text

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {
    Kind.TEXT: "str",
    Kind.NUMBER: "float64",
    Kind.MONEY: "float64",
    Kind.MINUTES: "float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime64[us]",
    Kind.TIMESTAMP: "datetime64[us]",
}

ACCOUNTS = Table(
    "accounts",
    "One row per account of the window.",
    (
        text("customer_id", "the account's key"),
        text("name", "from the input"),
        text("industry", "from the input"),
        text("region", "from the input"),
        text("size", "from the input"),
        text("account_manager", "from the input"),
        money("list_revenue", "sales at list price (at net price where that is all there is)"),
        money("discounts", "on sales; empty where no list price is known"),
        money("returns", "returns, credits and rebates, as a positive amount"),
        money("net_revenue", "list_revenue - discounts - returns"),
        money("cogs", "cost of goods sold; empty where it is neither given nor assumed"),
        money("freight", "paid by us"),
        money("gross_margin", "net_revenue - cogs - freight"),
        money(
            "cost_to_serve", "work with purpose `serve` or `retain`; with `cts_<group>` for each group of the costing"
        ),
        money("cost_to_obtain", "work with purpose `obtain`"),
        money("write_offs", "invoices written off"),
        money("financing_cost", "receivables carried x the policy's annual rate"),
        money("disputed", "of the window's invoices; empty without invoices"),
        money("running_margin", "gross_margin - cost_to_serve - write_offs - financing_cost"),
        money("net_margin", "running_margin - cost_to_obtain"),
        integer("orders", "orders with lines in the window; empty where no line has an order_id"),
        integer("loss_making_orders", "orders whose gross margin does not pay for the work on them"),
        money("lost_on_orders", "what those orders lost, as a positive amount"),
        text("tipping_resource", "the resource that its net margin hangs on most"),
        number("tipping_change", "the change of that resource's rate at which its net margin is 0; empty: none does"),
        flag("first_year", "the account's first twelve months fall in the window"),
        money("avoidable_cost", "the part of the account's costs known to go with it"),
        money("avoidable_margin", "net_revenue - avoidable_cost: what would be lost if it went"),
        money("freed_value", "what the costing says that its freed minutes would bring (`resale`)"),
        money(
            "gain_if_ended",
            "avoidable_cost - net_revenue + what freed minutes bring: what ending it would add or take, "
            "before exit costs and spill-over",
        ),
        flag("avoidable_known", "false: part of its cost is of resources that state no avoidable share"),
        money("net_margin_low", "the 5% point over the costing's stated uncertainty"),
        money("net_margin_high", "the 95% point over the costing's stated uncertainty"),
        number("p_unprofitable", "the chance that net_margin < 0"),
        number("p_profitable_low_demand", "the chance of this segment, each draw with its own line of demand"),
        number("p_profitable_high_demand", "the chance of this segment"),
        number("p_unprofitable_low_demand", "the chance of this segment"),
        number("p_unprofitable_high_demand", "the chance of this segment"),
        integer("rank_low", "the 5% point of its rank by net margin (1 earns most)"),
        integer("rank_high", "the 95% point of its rank"),
        text(
            "certainty",
            "whether the sign of its net margin holds over the cost ranges",
            values=("surely_positive", "surely_negative", "sensitive"),
        ),
        number("service_minutes", "minutes of work, every purpose"),
        integer("events", "pieces of work, every purpose"),
        number("cts_pct", "cost_to_serve / net_revenue; empty where that is not above 0"),
        money("failure_cost", "part of cost_to_serve: work that our failures caused"),
        money("unrequested_cost", "part of cost_to_serve: work that nobody asked for"),
        money("out_of_scope_cost", "part of cost_to_serve: work outside the agreement"),
        number("service_demand", "(cost_to_serve - failure_cost) / (list_revenue - returns)"),
        text(
            "segment",
            "profitable or not, with low or high service demand",
            values=(
                "profitable_low_demand",
                "profitable_high_demand",
                "unprofitable_low_demand",
                "unprofitable_high_demand",
            ),
        ),
        flag("over_served", "the judgement: over-service is material by the policy; empty where not scored"),
        money("over_service_cost", "cost in the window of service beyond the level due"),
        money("over_service_cost_low", "the 5% point over the costing's ranges (by peers: over theirs)"),
        money("over_service_cost_high", "the 95% point"),
        number("p_over_served", "the chance that it is material"),
        text(
            "over_served_by",
            "what the judgement rests on: stated levels, or a comparison with like accounts",
            values=("levels", "peers"),
        ),
        text("not_scored", "why over-service is not judged"),
        money("beyond_agreed_cost", "beyond what was agreed"),
        money("beyond_wanted_cost", "beyond what is wanted"),
        money("cost_to_price", "part of over_service_cost: wanted but unpaid, to be priced"),
        money("cost_to_trade", "part of it: agreed but unwanted, to be traded"),
        money("cost_to_stop", "part of it: neither agreed nor wanted, to stop"),
        money("cost_to_ask", "part of it: beyond what was agreed, and the customer has not said whether it wants it"),
        flag("under_served", "the judgement: short of a promise by the policy's share and units; empty: no promise"),
        number("trouble", "0 to 100, all the trouble there is"),
        number("difficulty_ours", "the share of it that our own failures explain, 0 to 1"),
        number("difficulty", "0 to 100, the customer's part"),
        flag("difficult", "the judgement; never true where difficulty_ours is 0.5 or more"),
        number("perceived_difficulty", "staff's view on the scale of `trouble`"),
        number("perception_gap", "perceived - trouble"),
        text(
            "perception",
            "empty where nobody rated",
            values=("fair", "unfairly_labelled", "quietly_difficult"),
        ),
        text("over_served_archetype", "the cluster that it belongs to among the over-served, if any"),
        text("difficult_archetype", "the cluster that it belongs to among the difficult, if any"),
        number("value_to_customer", "0 to 100, what the account gets for its money"),
        money("clv", "value of the future margin, at full cost"),
        money("clv_avoidable", "value of the future margin, at avoidable cost"),
        money("referral_value", "of the accounts that it brought in"),
        money("relationship_value", "clv + referral_value"),
        money("contract_value", "what accounting sees: the fees that remain"),
        money("exit_fee", "the fee that it would owe for leaving"),
        money("save_budget", "the most that keeping the account is worth, at avoidable cost"),
        money("save_budget_low", "its range"),
        money("save_budget_high", "its range"),
        text("action", "the recommended step"),
        money("action_value", "what it is expected to add over the horizon"),
        money("action_value_low", "its range"),
        money("action_value_high", "its range"),
    ),
)

LAST_YEAR = Table(
    "accounts_last_year",
    "The same window a year before; empty where the data does not reach back that far.",
    tuple(
        ACCOUNTS[name]
        for name in (
            "customer_id",
            "name",
            "net_revenue",
            "gross_margin",
            "cost_to_serve",
            "running_margin",
            "net_margin",
            "segment",
        )
    ),
)

OUTPUTS: dict[str, Table] = {
    table.name: table
    for table in (
        ACCOUNTS,
        LAST_YEAR,
        Table(
            "service_gaps",
            "Delivered against agreed and wanted, per account and attribute.",
            (
                text("customer_id", "the account"),
                text("attribute", "a service attribute of the policy, or `all_service` for a peer comparison"),
                number("delivered", "units per period"),
                number("entitled", "agreed, per period"),
                number("expected", "asked of the customer, per period"),
                text("wish", "where no level was stated", values=("less", "as_now", "more", "any")),
                number("over_units", "per period"),
                money("over_cost", "in the window; empty where there is no cost (hours of waiting)"),
                text("kind", "what the gap is", values=("giveaway", "unwanted", "both", "peer", "under", "met")),
                flag("wants_more", "beyond the agreement, and the customer wants it: to be priced"),
                flag("within_agreement", "unwanted but agreed: to be traded"),
                text(
                    "contradiction",
                    "what it asks for is not what was agreed",
                    values=("asks_for_more", "asks_for_less"),
                ),
                text("entitled_by", "whether it was agreed with the account or by its tier", values=("own", "tier")),
                number("entitled_before", "the level that the latest agreement replaced, where it differs"),
                number("expected_before", "the level that the latest wish replaced, where it differs"),
                integer("importance", "1 to 5, to the customer"),
                number("periods", "periods in which it was a customer"),
                money("cost", "in the window, of all of the attribute"),
                number("short_of_agreed", "units per period; empty where nothing was agreed"),
                number("short_of_wanted", "units per period; empty where nothing was asked for"),
                money("cost_to_price", "part of over_cost: wanted but unpaid, to be priced"),
                money("cost_to_trade", "part of it: agreed but unwanted, to be traded"),
                money("cost_to_stop", "part of it: neither agreed nor wanted, to stop"),
                money("cost_to_ask", "part of it: beyond what was agreed, and nothing said of it"),
                flag("material", "it makes the account over-served or under-served by itself"),
                number("peer_level", "of a peer comparison: service cost a year of the middle one of like accounts"),
                number("peer_high", "of a peer comparison: the policy's quantile of like accounts"),
                money("over_cost_low", "of a peer comparison: 5% point over like accounts"),
                money("over_cost_high", "its 95% point"),
            ),
        ),
        Table(
            "trades",
            "Agreed but not wanted: entitled above expected, an offer to trade.",
            (
                text("customer_id", "the account"),
                text("attribute", "a service attribute of the policy"),
                number("entitled", "agreed, per period"),
                number("expected", "asked of the customer, per period; empty: it says it wants less"),
                number("delivered", "units per period"),
                number("unwanted_units", "per period: entitled - expected"),
                money("delivered_cost", "in the window: what it got of them"),
                money("at_stake", "in the window: what all of them would cost at the cost of a unit here"),
            ),
        ),
        Table(
            "unasked",
            "Work that nobody asked for (`requested` is false), by who started it.",
            (
                text("department", "that did it; empty: not recorded"),
                text("channel", "empty: not recorded"),
                text("activity", "of the costing"),
                integer("accounts", "that got it"),
                integer("events", "pieces of work"),
                number("minutes", "in the window"),
                money("cost", "in the window"),
                number("share", "of all minutes that this department spent on this activity by this channel"),
            ),
            key="department",
        ),
        Table(
            "demand",
            "What accounts ask for and what causes it: cost to serve by channel, department, weekday and hour.",
            (
                text("channel", "empty: not recorded"),
                text("department", "empty: not recorded"),
                text("group", "the line of the statement"),
                integer("weekday", "1 is Monday"),
                integer("hour", "0 to 23"),
                integer("events", "pieces of work"),
                number("minutes", "in the window"),
                money("cost", "in the window"),
                money("failure_cost", "part of cost: work that our failures caused"),
                money("unrequested_cost", "part of cost: work that nobody asked for"),
                money("out_of_scope_cost", "part of cost: work outside the agreement"),
            ),
            key="channel",
        ),
        Table(
            "demand_by_week",
            "The same by week.",
            (
                day("week", "its Monday"),
                text("group", "the line of the statement"),
                integer("events", "pieces of work"),
                number("minutes", "in the window"),
                money("cost", "in the window"),
                money("failure_cost", "part of cost: work that our failures caused"),
                money("unrequested_cost", "part of cost: work that nobody asked for"),
                money("out_of_scope_cost", "part of cost: work outside the agreement"),
            ),
            key="week",
        ),
        Table(
            "expectations",
            "The talk about what is expected: for every material gap, what to ask and what the customer has said.",
            (
                text("customer_id", "the account"),
                text("attribute", "a service attribute of the policy, or `all_service`"),
                text("kind", "as in service_gaps"),
                money("over_cost", "in the window"),
                number("short_units", "per period"),
                text("questions", "to ask, one a line"),
                text("must_do", "the latest answer in `surveys`"),
                text("must_not", "the latest answer"),
                text("improve", "the latest answer"),
                text("satisfied_with", "the latest answer"),
                integer("forgiving", "1 to 5, the latest answer (1: one mistake and it is over)"),
                day("asked_on", "of the latest survey"),
                number("most_delivered", "units per period: the most that any account gets"),
                flag("beyond_any", "it asks for more than any account gets"),
                money("cost_of_wanted", "in the window: what the level that it asks for would cost at our rates"),
            ),
        ),
        Table(
            "offers",
            "The price of standing ready.",
            (
                text("attribute", "a service attribute with a standby resource"),
                text("standby", "the resource that stands ready"),
                money("supplied_cost", "in the window"),
                money("used_cost", "in the window"),
                money("unused_cost", "in the window"),
                integer("accounts_entitled", "accounts entitled to it"),
                integer("accounts_wanting", "accounts that say they want it"),
                money("revenue_wanting", "their net revenue"),
                integer("accounts", "customers in the window"),
                integer("accounts_asked", "accounts that have said anything of it"),
                integer("accounts_using", "accounts that got any of it"),
                integer("using_unentitled", "of those, accounts that are not entitled to it"),
                money("attribute_cost", "in the window: what was delivered of it"),
                money("revenue_entitled", "net revenue of the accounts entitled to it"),
            ),
            key="attribute",
        ),
        Table(
            "archetypes",
            "The kinds among the over-served and among the difficult.",
            (
                text("archetype", "its name"),
                text("kind", "`over_served` or `difficult`", values=("over_served", "difficult")),
                integer("accounts", "its members"),
                number("stability", "mean bootstrap Jaccard"),
                text("sets_apart", "what sets it apart"),
            ),
            key="archetype",
        ),
        Table(
            "reasons",
            "Why an account's margin differs from its peers' at the same list revenue; the parts sum to the gap.",
            (
                text("customer_id", "the account"),
                integer("rank", "1 is the largest"),
                text("driver", "a driver of the contract"),
                money("amount", "what it costs the account against its peers"),
                text("sentence", "in words"),
                text("peers", "who it is compared with"),
                text("moved_by", "the largest effect", values=("volume", "channel", "minutes", "price")),
                money("volume_effect", "more or fewer pieces of work, at the peers' cost each"),
                money("channel_effect", "another mix of channels, at the peers' cost each"),
                money("minutes_effect", "more or fewer minutes each, at the peers' cost per minute"),
                money("price_effect", "dearer or cheaper minutes; all of it for a driver that is no work"),
            ),
        ),
        Table(
            "actions",
            "Every step considered, with what it would add.",
            (
                text("customer_id", "the account"),
                text("action", "an action of the contract"),
                money("value", "over the horizon"),
                money("low", "its range"),
                money("high", "its range"),
                money("cash", "the part in cash"),
                number("hours", "hours that it takes"),
                money("one_off_cost", "to do it once"),
                flag("chosen", "in the plan"),
            ),
        ),
        Table(
            "whale",
            "The accounts from the most to the least profitable.",
            (
                integer("rank", "1 earns most"),
                text("customer_id", "the account"),
                money("net_margin", "its net margin"),
                money("cumulative", "its own and all before it"),
                money("cumulative_low", "the 5% point of what the best so many accounts earn together"),
                money("cumulative_high", "its 95% point"),
            ),
        ),
        Table(
            "resources",
            "Capacity supplied, used and unused, scaled to the window.",
            (
                text("resource", "of the costing"),
                money("supplied_cost", "in the window"),
                number("capacity_minutes", "practical capacity in the window"),
                number("used_minutes", "by all work"),
                money("used_cost", "by all work"),
                money("unassigned_cost", "part of used_cost: work that belongs to no account"),
                number("unused_minutes", "negative: used beyond its capacity"),
                money("unused_cost", "charged to no account"),
            ),
            key="resource",
        ),
        Table(
            "capacity",
            "Capacity by resource and month.",
            (
                text("resource", "of the costing"),
                day("month", "its first day"),
                number("capacity_minutes", "practical capacity in the month"),
                number("used_minutes", "by all work"),
                number("unused_minutes", "negative: used beyond its capacity"),
            ),
            key="resource",
        ),
        Table(
            "activities",
            "What each activity took and cost, and how its log compares with its time equation.",
            (
                text("activity", "of the costing"),
                text("resource", "that does it"),
                integer("events", "pieces of work"),
                number("minutes", "in the window"),
                money("cost", "in the window"),
                money("unassigned_cost", "part of cost: work that belongs to no account"),
                integer("logged_events", "events with logged minutes"),
                number("logged_minutes", "of those"),
                number("equation_minutes", "of those, by the time equation"),
                number("log_ratio", "logged over the equation's minutes: 1 where the equation is right"),
            ),
            key="activity",
        ),
        Table(
            "sensitivity",
            "What an error of 30% in one rate would change in the conclusions.",
            (
                text("resource", "whose rate is off"),
                number("change", "of the rate"),
                money("net_margin", "of the portfolio, then"),
                integer("loss_making_accounts", "then"),
                integer("turned", "accounts whose net margin changes sign"),
                integer("segments_changed", "accounts that change segment"),
            ),
            key="resource",
        ),
        Table(
            "uncertainty",
            "What drives the range of the portfolio's net margin: each factor alone, over its own range.",
            (
                text("factor", "a resource's rate, or an activity's modelled minutes"),
                text("kind", "which of the two", values=("rate", "minutes")),
                number("uncertainty", "its stated half-width"),
                money("cost", "what hangs on it"),
                money("net_margin_low", "with the factor at its 95% point"),
                money("net_margin_high", "with the factor at its 5% point"),
            ),
            key="factor",
        ),
        Table(
            "losses_within",
            "The orders that lose money, and the dearest cases, of accounts that earn money.",
            (
                text("customer_id", "the account"),
                text("kind", "`order` or `case`", values=("order", "case")),
                text("id", "order_id or case_id"),
                money("net_revenue", "of the order; a case brings none"),
                money("gross_margin", "of the order"),
                money("work_cost", "of the events on it"),
                money("margin", "gross_margin - work_cost"),
            ),
        ),
        Table(
            "bridge",
            "From the accounts' net margin to the books' operating profit.",
            (
                text("line", "a short key"),
                text("label", "in words"),
                money("amount", "signed, so that the lines sum to the last"),
                text("kind", "`total` or `step`", values=("total", "step")),
            ),
            key="line",
        ),
        Table(
            "departments",
            "The perception gap by department.",
            (
                text("department", "the department"),
                integer("accounts", "rated by it"),
                number("perception_gap", "mean over accounts; empty below five raters"),
            ),
            key="department",
        ),
        Table(
            "communication",
            "From the customer's side of the table.",
            (
                text("customer_id", "the account"),
                integer("cases", "opened in the window"),
                number("dates_given_share", "cases with a date"),
                number("dates_kept_share", "of those"),
                number("first_response_hours", "median"),
                number("longest_silence_days", "within an open case"),
                number("people_per_case", "mean"),
                number("departments_per_case", "mean"),
                flag("contact_after_project", "contact after a project closed"),
                flag("dunned_while_waiting", "dunned while a complaint about us was open"),
            ),
        ),
        Table(
            "reps",
            "The scorecard of account managers.",
            (
                text("rep", "the seller"),
                money("bookings", "sold"),
                money("net_revenue", "of what was sold"),
                money("margin", "after cost to serve without our failures"),
                money("clawback", "simulated, for write-offs"),
                number("satisfaction", "mean"),
                number("repeat_share", "repeat business"),
                number("obtaining_share", "time obtaining against serving"),
            ),
            key="rep",
        ),
        Table(
            "mutual_value",
            "The parts of value_to_customer beside ours.",
            (
                text("customer_id", "the account"),
                number("wants_met", "0 to 100"),
                number("promises_kept", "0 to 100"),
                number("price", "0 to 100"),
                number("satisfaction", "0 to 100"),
                number("wanted_share", "0 to 100"),
                number("value_to_customer", "0 to 100"),
                money("value_to_us", "clv"),
            ),
        ),
        Table(
            "rejected",
            "Rows that broke the contract.",
            (
                text("table", "the input table"),
                integer("row", "its row: in a CSV the header is row 1"),
                text("file", "the file, where the table has several"),
                text("key", "the row's key"),
                text("column", "where"),
                text("value", "what was found"),
                text("rule", "the rule's code"),
                text("reason", "in words"),
            ),
            key="row",
        ),
    )
}


def conform(frame: pd.DataFrame, table: str, extra: Iterable[str] = (), after: str = "") -> pd.DataFrame:
    """Return the frame with the contract's columns, in order and typed; what is missing is empty.

    Parameters
    ----------
    frame
        Any of the table's columns, and those of `extra`.
    table
        A name of `OUTPUTS`.
    extra
        Columns of the frame to keep that the contract does not name one by one (`cts_<group>`).
    after
        The column that `extra` follows; at the end where empty.
    """
    import pandas as pd

    columns = {
        column.name: frame[column.name].astype(_DTYPES[column.kind])
        if column.name in frame
        else pd.Series(index=frame.index, dtype=_DTYPES[column.kind])
        for column in OUTPUTS[table].columns
    }
    names = list(columns)
    at = names.index(after) + 1 if after else len(names)
    columns |= {name: frame[name] for name in extra}
    ordered = [*names[:at], *extra, *names[at:]]
    return pd.DataFrame({name: columns[name] for name in ordered}).reset_index(drop=True)


def empty(table: str) -> pd.DataFrame:
    """Return the table without rows, typed."""
    import pandas as pd

    return conform(pd.DataFrame(), table)
