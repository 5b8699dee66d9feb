"""The output tables of how staff see accounts."""

from analysis.data.schema import Table, day, integer, money, number, text

TABLES = (
    Table(
        "departments",
        "The perception gap by department.",
        (
            text("department", "the department"),
            integer("accounts", "rated by it, and their trouble is known"),
            integer("raters", "empty below five, or where the number would give away that of another"),
            number(
                "perception_gap", "mean over accounts; empty below five raters, or where it would give another away"
            ),
            number("perception_gap_low", "the 95% interval over its raters"),
            number("perception_gap_high", "the 95% interval over its raters"),
        ),
        key="department",
    ),
    Table(
        "reputations",
        "Accounts whose name the record does not bear out.",
        (
            text("customer_id", "the account"),
            text("perception", "as in accounts", values=("unfairly_labelled", "quietly_difficult")),
            number("perceived_difficulty", "staff's view on the scale of `trouble`; empty below five raters"),
            number("trouble", "as in accounts"),
            number("perception_gap", "perceived - trouble; empty below five raters"),
            number("perception_gap_low", "how small it may be, by the policy's chance"),
            number("perception_gap_high", "how large it may be"),
            number("difficulty_ours", "as in accounts"),
            integer("cases", "opened in the window"),
            integer("bad_cases", "of those, failed by us: cause `ours`, or the promise missed"),
            text("bad_period", "a bad time that is over and may explain a bad name, in words"),
            day("bad_period_start", "its first day"),
            day("bad_period_end", "its last day"),
            integer("bad_period_cases", "opened in it"),
            integer("bad_period_bad", "of those, failed by us"),
            integer("bad_period_cases_since", "opened after it"),
            integer("bad_period_bad_since", "of those, failed by us"),
        ),
    ),
    Table(
        "views",
        "Liked but losing money, disliked but earning it: accounts that five people or more rated.",
        (
            text("customer_id", "the account"),
            text("view", "staff surely like it better, or less, than most", values=("liked", "disliked")),
            text("pattern", "beside the money", values=("liked_but_losing", "disliked_but_earning")),
            money("net_margin", "as in accounts"),
            text("held_by", "departments that hold the view, where they may be named; empty: none may"),
        ),
    ),
    Table(
        "meetings",
        "Who needs to meet whom about which account.",
        (
            text("customer_id", "the account"),
            text("why", "a `perception`, or a `pattern` of views; one a line"),
            text("held_by", "departments that hold the view, where they may be named"),
            text("departments", "that worked for it in the window, those that did most first"),
            text("account_manager", "from the input"),
            text("because", "what raters gave as a reason, one a line; empty below five raters"),
            text("would_help", "what they say would help, one a line; empty below five raters"),
            text("willing_to", "what they are willing to do, one a line; empty below five raters"),
            text("praise", "what the customer last said that it is satisfied with"),
            day("praised_on", "when"),
        ),
    ),
)
