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
        "our_failures",
        "What we fail each account with, as rates.",
        (
            text("customer_id", "the account"),
            text("failure", "what went wrong by our doing"),
            number("count", "how often; a part of a case is what our failures explain of it"),
            number("of", "out of how many"),
            number("rate", "count / of"),
            number("rate_usual", "the portfolio's"),
            text("sentence", "the failure in words, with its numbers"),
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
            number("dates_kept_share", "of those whose first date can be judged"),
            number("first_response_hours", "median"),
            number("longest_silence_days", "within an open case"),
            number("people_per_case", "mean over the cases with logged work"),
            number("departments_per_case", "mean over the cases with logged work"),
            integer("people", "of ours that it met in the window"),
            integer("departments", "of ours that it met in the window"),
            integer("projects", "that closed, long enough ago for somebody to have been in touch again"),
            integer("care_contacts", "after a project closed, within the policy's days: we asked how it is"),
            integer("sales_contacts", "after a project closed, within those days: we wanted to sell (`obtain`)"),
            flag("contact_after_project", "contact after each project that closed; empty where none did"),
            integer("reminders", "of payments"),
            integer("reminders_while_waiting", "sent while a complaint of its was open"),
            flag("dunned_while_waiting", "dunned while a complaint about us was open"),
            number("minutes_serving", "of work with purpose `serve` or `retain`"),
            number("minutes_obtaining", "of work with purpose `obtain`: winning new business"),
        ),
    ),
)
