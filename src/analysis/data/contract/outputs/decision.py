"""The output tables of value and of what to do."""

from analysis.data.contract.schema import Table, flag, money, number, text

TABLES = (
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
)
