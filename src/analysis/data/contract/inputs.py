"""The input tables: every column that a dataset may bring, with its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.data.schema import Column, RowRule, Table, day, flag, integer, minutes, moment, money, number, text

if TYPE_CHECKING:
    import ibis

#: A driver count or a time above it is a slip, and its minutes would not fit DECIMAL(18, 6).
LARGEST = 1e9
#: No amount and no number lies beyond it, in any currency: one that does is a slip, and sums of it would not fit.
BEYOND_ANY = 1e13
KINDS = ("sale", "return", "credit", "rebate")
#: What happened, a row each, of which a dataset needs one table at least; each with the column of its day.
RECORDS = {"transactions": "date", "service_events": "at", "cases": "opened_at", "invoices": "issued"}


def _customer(required: bool = True) -> Column:
    return text("customer_id", "the account", required=required, references="customers")


def _optional(*columns: Column) -> tuple[Column, ...]:
    return tuple(Column(**{**column.__dict__, "required": False}) for column in columns)


def _in_order(first: str, last: str, *, severity: Any = "error") -> RowRule:
    return RowRule(
        code=f"{last}_before_{first}",
        column=last,
        message=f"`{last}` lies before `{first}`",
        mend="Set the two in order, or leave the wrong one empty.",
        breaks=lambda t: t[last] < t[first],
        severity=severity,
        costs="cell",
    )


CUSTOMERS = Table(
    "customers",
    "One row per account.",
    (
        text("customer_id", "the account's key", unique=True),
        text("name", "shown in reports"),
        *_optional(
            text("industry", "peer grouping"),
            text("region", "peer grouping"),
            text("size", "peer grouping"),
            text("parent_id", "the group it belongs to"),
            text("tier", "a service tier of the policy (`[tiers.gold]`), where levels are agreed by tier"),
            text("account_manager", "who owns the relationship"),
            day("since", "first day as a customer; empty: always"),
            day("ended", "last day as a customer, if it has left; empty: still one"),
            text("referred_by", "the account that brought it in", references="customers", unknown="warning"),
            flag("protected", "a duty to serve, or a customer in need of protection: never proposed for ending"),
        ),
    ),
    (_in_order("since", "ended"),),
)


def net_of(lines: ibis.Table) -> ibis.Column:
    """Return the net amount of invoice lines: list_amount - discount, or net_amount where that is all there is."""
    by_net = lines.list_amount.isnull() | (lines.discount.isnull() & lines.net_amount.notnull())
    return by_net.ifelse(lines.net_amount, lines.list_amount - lines.discount.fill_null(0))


def amount_of(rows: ibis.Table, table: str) -> ibis.Column | None:
    """Return the amount that each row of a table brings into a sum; None where the table brings none."""
    if table == "transactions":
        return net_of(rows)
    return rows["amount"] if table in ("invoices", "payments") else None


def discount_of(lines: ibis.Table) -> ibis.Column:
    """Return the discount of invoice lines; empty where the list price is unknown."""
    return lines.list_amount - net_of(lines)


def _net_of_list(t: ibis.Table) -> ibis.Column:
    return (t.list_amount - t.discount - t.net_amount).abs() > 0.01


TRANSACTIONS = Table(
    "transactions",
    "One row per invoice line.",
    (
        text("transaction_id", "the line's key", unique=True),
        text(
            "customer_id",
            "the account; empty: a sale to nobody we know (cash, guests), in the books and the bridge, in no account",
            required=False,
            references="customers",
        ),
        day("date", "the day it counts on"),
        text("kind", "`sale`, `return`, `credit` or `rebate`; all but a sale have amounts of 0 or less", values=KINDS),
        *_optional(
            text("product", "product or service family"),
            number("quantity", "units"),
            money("list_amount", "at list price, before any discount"),
            money("discount", "net = list_amount - discount; 0 or more on a sale"),
            money("net_amount", "where the list price is unknown: then the discount is not measured"),
            money("cogs", "cost of goods sold, or direct delivery cost; empty: assumed, as the policy's `costs` say"),
            money("freight", "paid by us"),
            text("rep", "who sold it"),
            text("invoice_id", "the invoice it is on"),
            text("order_id", "the order it is on"),
        ),
    ),
    (
        RowRule(
            "no_amount",
            "net_amount",
            "both `list_amount` and `net_amount` are empty",
            "Give at least one of them.",
            lambda t: t.list_amount.isnull() & t.net_amount.isnull(),
            missing=("list_amount", "net_amount"),
        ),
        RowRule(
            "positive_reduction",
            "net_amount",
            "a return, credit or rebate has an amount above 0",
            "Write what goes back to the customer as 0 or less.",
            lambda t: t.kind.isin(KINDS[1:]) & (t.net_amount > 0),
        ),
        RowRule(
            "positive_reduction",
            "list_amount",
            "a return, credit or rebate has an amount above 0",
            "Write what goes back to the customer as 0 or less.",
            lambda t: t.kind.isin(KINDS[1:]) & t.net_amount.isnull() & (net_of(t) > 0),
        ),
        RowRule(
            "negative_discount",
            "discount",
            "a sale has a discount below 0",
            "Write a discount as a positive amount; raise `list_amount` for a surcharge.",
            lambda t: (t.kind == "sale") & (discount_of(t) < 0),
        ),
        RowRule(
            "net_is_not_list_less_discount",
            "net_amount",
            "`net_amount` is not `list_amount` - `discount`",
            "Correct the wrong one, or leave `net_amount` empty.",
            _net_of_list,
        ),
        RowRule(
            "negative_sale",
            "net_amount",
            "a sale has an amount below 0",
            "If goods or money went back, its kind is `return`, `credit` or `rebate`.",
            lambda t: (t.kind == "sale") & (net_of(t) < 0),
            severity="warning",
        ),
    ),
    key="transaction_id",
)

SERVICE_EVENTS = Table(
    "service_events",
    "One row per piece of work.",
    (
        text("event_id", "the event's key", unique=True),
        *_optional(text("customer_id", "empty, or not in `customers`: unassigned work, charged to no account")),
        moment("at", "when it was done"),
        text("activity", "an activity of `costing.toml`"),
        *_optional(
            text("channel", "phone, email, chat, self_service, onsite, ..."),
            text("department", "who did it"),
            text("worker", "who did it"),
            text("contact", "the customer came to us, we went to it, or internal work", values=("in", "out", "none")),
            minutes(
                "minutes", "time logged; where empty, the activity's time equation gives it", minimum=0, maximum=LARGEST
            ),
            number("quantity", "the driver count of this event (order lines, pallets, documents)", maximum=LARGEST),
            text("case_id", "the case it belongs to", references="cases", unknown="warning"),
            text("order_id", "the order it belongs to"),
            flag("requested", "true: the customer asked for it; false: we offered it unasked"),
            flag("in_scope", "false: outside what was agreed"),
            flag("after_hours", "done outside office hours"),
            flag("rush", "done in a rush"),
        ),
    ),
    key="event_id",
)

CASES = Table(
    "cases",
    "One row per ticket, request, complaint or project.",
    (
        text("case_id", "the case's key", unique=True),
        _customer(),
        moment("opened_at", "when it was opened"),
        *_optional(
            text("kind", "`inquiry`, `request`, `change`, `complaint`, `project`, ..."),
            moment("needed_by", "asked for"),
            moment("promised_at", "promised (the ETA)"),
            moment("first_response_at", "answered"),
            moment("resolved_at", "done"),
            flag("promise_kept", "where the desk records it; wins over promised_at and resolved_at"),
            integer("reopened", "times reopened", minimum=0),
            integer("handoffs", "times passed between people or departments", minimum=0),
            flag("escalated", "escalated"),
            number(
                "waiting_hours",
                "hours that it stood waiting for the customer: never ours, taken off what we took; working hours where "
                "the policy has a `[calendar]`",
                minimum=0,
                maximum=LARGEST,
            ),
            text(
                "cause",
                "whose doing it was, as we recorded it: a claim, since it is made by one side",
                values=("ours", "customer", "neither"),
            ),
            integer("satisfaction", "1 to 5, asked when it closed", minimum=1, maximum=5),
        ),
    ),
    (_in_order("opened_at", "first_response_at"), _in_order("opened_at", "resolved_at")),
    key="case_id",
)

CASE_UPDATES = Table(
    "case_updates",
    "Each word to the customer; the first promise made is the one judged.",
    (
        text("case_id", "the case", references="cases"),
        moment("at", "when we told the customer"),
        *_optional(moment("promised_at", "the date promised with it")),
    ),
    key="case_id",
)

CONTRACTS = Table(
    "contracts",
    "One row per contract. The fee is invoiced, so it is in `transactions` too; it is never counted twice.",
    (
        text("contract_id", "the contract's key", unique=True),
        _customer(),
        day("starts", "first day"),
        money("monthly_fee", "a month", minimum=0),
        *_optional(
            day("ends", "last day; empty: open-ended, until one side gives notice"),
            money("cancellation_fee", "owed for leaving before the end", minimum=0),
        ),
    ),
    (_in_order("starts", "ends"),),
    key="contract_id",
)

SERVICE_LEVELS = Table(
    "service_levels",
    "What was agreed with an account, and what it told us it wants.",
    (
        _customer(),
        text("attribute", "a service attribute of the policy"),
        text("basis", "`entitled`: agreed; `expected`: asked of the customer", values=("entitled", "expected")),
        *_optional(
            number(
                "level",
                "in the attribute's unit and period; `inf` for unlimited",
                minimum=0,
                unlimited=True,
            ),
            text("wish", "a direction without an amount", values=("less", "as_now", "more", "any")),
            integer("importance", "1 to 5", minimum=1, maximum=5),
            day("stated_on", "when it was agreed or said; empty: the oldest"),
        ),
    ),
    (
        RowRule(
            "no_level",
            "level",
            "both `level` and `wish` are empty",
            "Give the level, or the direction of the wish.",
            lambda t: t.level.isnull() & t.wish.isnull(),
            severity="warning",
            missing=("level", "wish"),
        ),
    ),
)

INVOICES = Table(
    "invoices",
    "One row per invoice.",
    (
        text("invoice_id", "the invoice's key", unique=True),
        _customer(),
        day("issued", "day of issue"),
        day("due", "day on which it is due"),
        money("amount", "invoiced"),
        *_optional(
            day("paid", "day on which it was paid in full; empty: open"),
            money("disputed", "amount disputed", minimum=0),
            text(
                "dispute_outcome",
                "`upheld`: the customer was right; `rejected`; `open`",
                values=("upheld", "rejected", "open"),
            ),
            money("written_off", "amount written off", minimum=0),
            day("written_off_on", "day of the write-off; empty: it counts on the day of issue"),
        ),
    ),
    (
        _in_order("issued", "due", severity="warning"),
        _in_order("issued", "paid", severity="warning"),
        RowRule(
            "written_off_above_amount",
            "written_off",
            "more was written off than the invoice amounts to",
            "Correct `written_off` or `amount`.",
            lambda t: (t.amount >= 0) & (t.written_off > t.amount),
        ),
    ),
    key="invoice_id",
)

PAYMENTS = Table(
    "payments",
    "Parts of a payment; where it has rows for an invoice they count instead of `paid`.",
    (
        day("on", "day of the payment"),
        money("amount", "paid"),
        *_optional(
            text("invoice_id", "the invoice; empty: it pays its customer's oldest open ones", references="invoices"),
            text("customer_id", "who paid, where it names no invoice", references="customers"),
        ),
    ),
    key="invoice_id",
)

PERCEPTIONS = Table(
    "perceptions",
    "What our staff think of an account.",
    (
        _customer(),
        text("department", "the rater's department"),
        day("rated_on", "day of the rating"),
        *_optional(text("rater", "who rated; becomes a pseudonym on reading")),
        integer("difficulty", "1 to 5 (5: hardest)", minimum=1, maximum=5),
        *_optional(
            integer("respect", "1 to 5 (5: most)", minimum=1, maximum=5),
            integer("appreciation", "1 to 5 (5: most)", minimum=1, maximum=5),
            integer("liking", "1 to 5 (5: most)", minimum=1, maximum=5),
            text("because", "why, in the rater's words"),
            text("would_help", "what would help, in the rater's words"),
            text("willing_to", "what the rater is willing to do"),
        ),
    ),
)

SURVEYS = Table(
    "surveys",
    "What the customer says.",
    (
        _customer(),
        day("asked_on", "day of the survey"),
        *_optional(
            integer("satisfaction", "1 to 5", minimum=1, maximum=5),
            integer("nps", "0 to 10", minimum=0, maximum=10),
            integer("forgiving", "1 to 5 (1: one mistake and it is over)", minimum=1, maximum=5),
            text("must_do", "what we must do"),
            text("must_not", "what we must not do"),
            text("improve", "what to improve"),
            text("satisfied_with", "what it is satisfied with"),
        ),
    ),
)

MENTIONS = Table(
    "mentions",
    "Public word of mouth. Evidence; it has no price unless the policy states one.",
    (
        _customer(),
        day("on", "day of the mention"),
        number("sentiment", "-1 to 1", minimum=-1, maximum=1),
        integer("reach", "people reached", minimum=0),
    ),
)

BOOKINGS = Table(
    "bookings",
    "What was sold, by whom.",
    (
        text("booking_id", "the booking's key", unique=True),
        _customer(),
        text("rep", "who sold it"),
        day("on", "day of the booking"),
        money("amount", "booked"),
    ),
    key="booking_id",
)

ASSIGNMENTS = Table(
    "assignments",
    "Who owned what, when.",
    (
        _customer(),
        text("person", "who owned the account"),
        text("role", "as what"),
        day("from", "first day"),
        *_optional(day("to", "last day; empty: still")),
    ),
    (_in_order("from", "to"),),
)

ACTIONS_TAKEN = Table(
    "actions_taken",
    "What has been tried.",
    (
        _customer(),
        text("action", "an action of the contract"),
        day("on", "when it was taken"),
        *_optional(
            text("outcome", "what came of it", values=("worked", "refused", "failed", "open")),
            money("cost", "what it cost", minimum=0),
        ),
    ),
)

OVERRIDES = Table(
    "overrides",
    "A person's decision, shown as such, expiring.",
    (
        _customer(),
        text(
            "judgement",
            "`segment`, `over_served`, `under_served`, `difficult`, `perception`, `over_served_archetype`, "
            "`difficult_archetype` or `action`: a column of the accounts table",
        ),
        text("value", "what it is set to: `true` or `false`, or a value of that column"),
        text("reason", "why"),
        text("by", "who decided"),
        day("until", "last day on which it holds"),
    ),
)

#: Every input table by name, parents before the tables that refer to them.
INPUTS: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        TRANSACTIONS,
        CASES,
        SERVICE_EVENTS,
        CASE_UPDATES,
        CONTRACTS,
        SERVICE_LEVELS,
        INVOICES,
        PAYMENTS,
        PERCEPTIONS,
        SURVEYS,
        MENTIONS,
        BOOKINGS,
        ASSIGNMENTS,
        ACTIONS_TAKEN,
        OVERRIDES,
    )
}
