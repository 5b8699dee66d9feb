"""The output tables of the relationship: how we talk with accounts, and how staff see them."""

from analysis.data.contract.schema import Table, flag, integer, number, text

TABLES = (
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
