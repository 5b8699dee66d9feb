"""The output tables of a backtest."""

from analysis.data.schema import Table, day, flag, integer, money, number, text

SEGMENTS = tuple(f"{p}_{d}_demand" for p in ("profitable", "unprofitable") for d in ("low", "high"))

SUBJECTS = ("segment", "p_unprofitable", "lifetime", "forecast", "hazard")

TABLES = (
    Table(
        "replays",
        "One row per replayed day and account that was a customer on it: what was judged, and what came.",
        (
            day("as_of", "the day replayed: nothing dated after it was known"),
            text("customer_id", "the account"),
            text("segment", "in the window that ended on the day", values=SEGMENTS),
            number("p_segment", "the chance that it was in it, over the cost ranges"),
            text("next_segment", "in the months after", values=SEGMENTS),
            money("net_margin", "in the window"),
            number("p_unprofitable", "over the cost ranges"),
            money("next_net_margin", "in the months after"),
            money("running_margin", "in the window"),
            money("predicted_margin", "running margin expected of the months after, by the lifetime"),
            money("naive_margin", "as in the window, a month as a customer"),
            money("next_running_margin", "in the months after"),
            money("forecast", "margin of the months after, before write-offs and financing, by `tables/forecast`"),
            money("forecast_low", "its range"),
            money("forecast_high", "its range"),
            number("p_loses", "the chance that it is below 0"),
            money("naive_forecast", "as in as many months before"),
            money("usual_forecast", "the mean of all accounts in the months before"),
            money("came_margin", "in the months after, before write-offs and financing"),
            number("p_leaving", "the chance of leaving in the months after, by the hazard"),
            number("naive_leaving", "the same where every account leaves as often as those in the window did"),
            flag("left", "it left in the months after"),
        ),
        key="customer_id",
    ),
    Table(
        "scores",
        "How well each judgement held, beside a naive one.",
        (
            day("as_of", "the day replayed; empty: all of them together"),
            text("subject", "the judgement", values=SUBJECTS),
            text("measure", "of the score"),
            text("naive", "what it is set beside"),
            number("ours", "the score"),
            number("theirs", "the naive one's"),
            number("better", "how much better ours is, in the score's own unit; below 0: worse"),
            number("better_low", "its range, by the policy's `backtest.sure`; empty for a score of ranks or totals"),
            number("better_high", "its range"),
            integer("accounts", "that it is of"),
            integer("rows", "accounts x days"),
            integer("events", "rows in which what is asked for happened (kept, lost money, left); empty of amounts"),
        ),
        key="subject",
    ),
    Table(
        "transitions",
        "From which segment to which, over all replayed days.",
        (
            text("segment", "in the window", values=SEGMENTS),
            text("next_segment", "in the months after", values=SEGMENTS),
            integer("rows", "accounts x days"),
            number("share", "of the rows that were in `segment`"),
        ),
        key="segment",
    ),
    Table(
        "reliability",
        "Chances that were told, set beside how often it happened.",
        (
            text("subject", "the chance", values=("p_unprofitable", "hazard")),
            integer("group", "1 holds the lowest chances"),
            number("lowest", "chance in the group"),
            number("highest", "chance in the group"),
            integer("rows", "accounts x days"),
            integer("accounts", "of them"),
            integer("events", "rows in which it happened"),
            number("told", "mean chance"),
            number("happened", "share"),
            number("happened_low", "its range, accounts drawn as wholes"),
            number("happened_high", "its range"),
        ),
        key="subject",
    ),
    Table(
        "not_rolled_back",
        "What the past could not be told of: as it stands now, or left out.",
        (
            text("table", "or file"),
            text("column", "empty: all of it"),
            text("treatment", "what is done", values=("as_now", "left_out")),
            text("why", "in words"),
        ),
        key="table",
    ),
)
