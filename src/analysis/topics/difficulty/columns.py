"""The output tables of how accounts and we treat each other."""

from analysis.data.schema import Table, flag, integer, money, number, text

BEHAVIOURS = (
    *("short_notice", "rush_orders", "out_of_scope", "after_hours", "escalations", "reopenings", "disputes"),
    *("late_payment", "dissatisfied"),
)

TABLES = (
    Table(
        "behaviours",
        "What each account's trouble is made of: each behaviour as a rate.",
        (
            text("customer_id", "the account"),
            text("behaviour", "what it does", values=BEHAVIOURS),
            number("recorded", "how often the record shows it; what the sentence says"),
            number("count", "how often, by the record, without what was agreed and what was paid for"),
            number("of", "out of how many; 0: nothing is known"),
            number("rate", "count / of; of late payment, days late by amount; of out_of_scope, a share of minutes"),
            number("rate_shrunk", "drawn towards the portfolio's where little is known"),
            number("rate_usual", "of the ordinary accounts here, sum over sum"),
            number("above_usual", "how rare among ordinary accounts, in their spread, beyond their quartile; 0: not"),
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
            number("recorded", "how often the record itself shows it; what the sentence says"),
            number("count", "how often; a part of a case is what our failures explain of it"),
            number("of", "out of how many"),
            number("rate", "count / of"),
            number("rate_usual", "the portfolio's"),
            text("sentence", "the failure in words, with its numbers"),
        ),
    ),
    Table(
        "halfway",
        "What a customer could do to meet us half way.",
        (
            text("customer_id", "the account"),
            text("step", "what it could do", values=("notice", "office_hours", "one_list", "portal")),
            integer("pieces", "of work in the window that it concerns"),
            money("worth", "in the window, at the costing's rates: the most that it would save"),
        ),
    ),
    Table(
        "who_knows",
        "Who should be in the room about each account that is difficult, or that our failures made so.",
        (
            text("customer_id", "the account"),
            text("department", "that dealt with it, the one with most minutes first"),
            integer("pieces", "of work in the window"),
            integer("cases", "that it worked on"),
            number("minutes", "in the window"),
            integer("rushes", "pieces of work done in a rush"),
            integer("evenings", "pieces of work that the customer wanted after hours"),
            integer("beyond", "pieces of work beyond the agreement"),
            integer("amends", "pieces of work that a failure of ours caused"),
            integer("reminders", "of payments"),
        ),
    ),
    Table(
        "would_help",
        "What staff say would help with those accounts, and are willing to do; nothing below five raters.",
        (
            text("customer_id", "the account"),
            text("topic", "what was asked", values=("would_help", "willing_to")),
            text("words", "as said"),
            integer("times", "said"),
        ),
    ),
    Table(
        "communication",
        "From the customer's side of the table.",
        (
            text("customer_id", "the account"),
            integer("cases", "opened in the window"),
            number("dates_given_share", "cases with a date, or with a verdict on one"),
            number("dates_kept_share", "of those whose first date can be judged"),
            number("first_response_hours", "median; working hours where the policy has a `[calendar]`"),
            number("longest_silence_days", "within an open case; working days where the policy has a `[calendar]`"),
            number("handoffs_per_case", "mean: times that a case was passed on"),
            number("people_per_case", "mean over the cases with work in the window"),
            number("departments_per_case", "mean over the cases with work in the window"),
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
