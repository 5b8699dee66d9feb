"""The output tables of the relationship: how we talk with accounts, and how staff see them."""

from analysis.data.contract.schema import Table, flag, integer, number, text

TABLES = (
    Table(
        "behaviours",
        "What each account's trouble is made of: each behaviour as a rate.",
        (
            text("customer_id", "the account"),
            text("behaviour", "a key of the policy's `difficulty.references`"),
            number("count", "how often, without what our failures explain, what was agreed and what was paid for"),
            number("of", "out of how many; 0: nothing is known"),
            number("rate", "count / of; of late payment, days late weighted by amount"),
            number("rate_shrunk", "drawn towards the portfolio's where little is known"),
            number("rate_usual", "the portfolio's"),
            number("trouble_points", "what it adds to `trouble`, ours included; empty where not scored"),
            number("difficulty_points", "what it adds to `difficulty`; empty where not scored"),
            number("share_ours", "of its trouble, the share that our own failures explain"),
            text("sentence", "the behaviour in words, with its numbers"),
        ),
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
)
