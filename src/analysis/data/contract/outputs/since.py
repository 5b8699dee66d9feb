"""The output tables of what changed since the last run and since a year ago."""

from analysis.data.contract.outputs.accounts import ACCOUNTS
from analysis.data.contract.schema import Table, day, flag, integer, money, text

AGAINST = ("run", "year")
TABLES = (
    Table(
        "compared",
        "What this run is set beside: the run before it in the same folder, and the same window a year before.",
        (
            text("against", "the last run, or the same window a year before", values=AGAINST),
            text("run", "the folder of the last run"),
            day("starts", "the first day of its window"),
            day("ends", "the last day of its window"),
            integer("months", "of its window"),
            integer("shared_months", "that lie in this window, too"),
            integer("accounts", "that it has"),
            integer("both", "accounts that this run has, too"),
            integer("came", "accounts of this run that it does not have"),
            integer("went", "accounts that it has and this run has not"),
            money("net_margin", "of all its accounts"),
            text("policy_changed", "keys of the policy that it had otherwise"),
            flag("rates_changed", "a minute of a resource cost otherwise"),
            text("why_not", "why the two are not set side by side; empty: they are"),
        ),
        key="against",
    ),
    Table(
        "changes",
        "Every account of either window, side by side: who came, went and moved, and what moved it most.",
        (
            text("against", "the last run, or the same window a year before", values=AGAINST),
            text("customer_id", "the account"),
            text("name", "from the input"),
            text("kind", "moved: to another segment", values=("came", "went", "moved", "stayed")),
            text("segment_before", "then", values=ACCOUNTS["segment"].values),
            text("segment", "now", values=ACCOUNTS["segment"].values),
            money("net_margin_before", "then"),
            money("net_margin", "now"),
            money("difference", "net_margin - net_margin_before"),
            text(
                "turned", "costs: its net margin fell below 0; earns: it rose to 0 or more", values=("costs", "earns")
            ),
            text(
                "line",
                "the line of its statement that moved its net margin most, the way it went",
                values=(
                    *("sales", "discounts", "returns", "cogs", "freight"),
                    *("failures", "service", "obtaining", "write_offs", "financing"),
                ),
            ),
            money("amount", "what that line did to its net margin"),
            text("reason", "in words; of those that stayed only the largest changes have one"),
        ),
    ),
    Table(
        "promises",
        "What the last run promised for each next step, as it was first made, against what was done and what came.",
        (
            text("customer_id", "the account"),
            text("name", "from the input"),
            text("steps", "what was advised"),
            text("sentence", "in words, as it was said then"),
            day("promised_on", "the as-of day of the run that first promised it"),
            integer("horizon_months", "that the value is over"),
            money("value", "promised, over the horizon; empty where it was owed and only its cost is known"),
            money("value_low", "its range"),
            money("value_high", "its range"),
            day("when_by", "by when"),
            day("taken_on", "when a step of it was first taken since; empty: none was, or it is not recorded"),
            text("outcome", "as recorded last"),
            money("promised_year", "of what could be measured: a year, by the assumptions (`track_record`)"),
            money("came_year", "of what could be measured: a year"),
            text("verdict", "kept, short, nothing came, or why there is none yet"),
        ),
    ),
)
