"""The output tables of the account managers' scorecard."""

from analysis.data.schema import Table, flag, integer, money, number, text

TABLES = (
    Table(
        "reps",
        "The scorecard of account managers.",
        (
            text("rep", "the seller"),
            money("bookings", "sold in the window; billings where there are no bookings"),
            money("net_revenue", "of what was sold"),
            money("margin", "after cost to serve without our failures; of the accounts whose margin is measured"),
            money("clawback", "simulated, for write-offs: the policy's share of them"),
            number("satisfaction", "mean answer of cases and surveys while in charge, 1 to 5"),
            number("repeat_share", "of net revenue: from accounts that had bought before the window"),
            number("obtaining_share", "of the time spent on its accounts: obtaining, not serving or retaining"),
            text("bookings_basis", "what `bookings` is", values=("bookings", "billings")),
            integer("accounts", "to which something was sold in its charge; without transactions, all in its charge"),
            money("list_revenue", "at list price"),
            money("gross_margin", "of the accounts whose margin is measured"),
            money("cost_to_serve", "of those, without work that our failures caused"),
            money("write_offs", "of invoices issued in its charge"),
            number("answers", "of customers, that `satisfaction` is the mean of"),
            number("tenure_share", "of net revenue: by `assignments`; the rest by who was billed for"),
            number("measured_share", "of net revenue: with a measured margin"),
            money("expected_margin", "that the territory would lead one to expect, by the other sellers' accounts"),
            money("gap", "margin - expected_margin"),
            money("gap_low", "its range, by the policy's `sellers.sure`"),
            money("gap_high", "its range"),
            text("band", "empty where too few", values=("below", "as_expected", "above")),
            flag("few_accounts", "fewer than the policy asks for: no band"),
            flag("few_answers", "fewer than the policy asks for: the mean says little"),
        ),
        key="rep",
    ),
)
