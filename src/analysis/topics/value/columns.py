"""The output tables of what the relationships are worth."""

from analysis.data.schema import Table, day, flag, integer, money, number, text

#: Numbers of value that have no total: chances, ranges, shares of a total, and what others' values hold already.
NO_SUMS = (
    *("clv_low", "clv_high", "margin_own", "leaves_year", "referral_value", "relationship_value", "value_to_customer"),
    *("save_budget", "save_budget_low", "save_budget_high"),
)
TABLES = (
    Table(
        "staying_fit",
        "How the chances of leaving compare with what happened, told by models that have not seen the account.",
        (
            integer("fifth", "of the months at risk: 1 is the least likely to be left in"),
            integer("months", "of accounts that were there at their start"),
            number("expected", "endings told"),
            number("actual", "endings that happened"),
        ),
        key="fifth",
    ),
    Table(
        "staying_signs",
        "What moves the chance of leaving, as learnt from the history.",
        (
            text("sign", "what is known of an account at the start of a month"),
            number("step", "a standard deviation of it"),
            number("factor", "of the odds of leaving in a month, for such a step more"),
            number("low", "the 5% point of the bootstrap over accounts"),
            number("high", "the 95% point"),
        ),
        key="sign",
    ),
    Table(
        "referrals",
        "The accounts that others brought in.",
        (
            text("customer_id", "the account that brought it in"),
            text("referred", "the account that came"),
            money("clv", "of the account that came"),
            money("acquisition_cost", "of winning one account; empty where nothing tells"),
            money("value", "share x clv + (1 - share) x acquisition_cost, at the policy's likely share"),
            money("low", "the least over the policy's range of the share"),
            money("high", "the most"),
        ),
        key="referred",
    ),
    Table(
        "word_of_mouth",
        "What accounts say in public in the window: evidence, with a price only where the policy states one.",
        (
            text("customer_id", "the account"),
            integer("mentions", "in the window"),
            number("reach", "people reached, all mentions"),
            number("good_reach", "people x sentiment, of mentions above 0"),
            number("bad_reach", "people x sentiment, of mentions below 0, as a positive number"),
            money("low", "0 where the policy states a price of reach"),
            money("high", "good_reach / 1,000 x that price"),
        ),
    ),
    Table(
        "lenses",
        "The same account as accounting, the lifetime and the relationship see it, and what each would do.",
        (
            text("customer_id", "the account"),
            money("contract_value", "accounting: the fees that remain"),
            money("exit_fee", "accounting: what it would owe for leaving"),
            flag("open_ended", "a contract of its runs without an end: no fee of it is fixed"),
            money("first_sale", "accounting: net, of its first day with a sale; empty where that is not seen"),
            money("clv", "lifetime, at full cost"),
            money("clv_avoidable", "lifetime, at avoidable cost"),
            money("relationship_value", "clv + referral_value"),
            flag(
                "accounting_keeps",
                "the fees that remain are more than the exit fee; empty where a contract without an end leaves it open",
            ),
            flag("full_cost_keeps", "clv is above 0"),
            flag("avoidable_keeps", "clv_avoidable is above 0"),
            flag("relationship_keeps", "clv_avoidable + referral_value is above 0"),
            flag("differ", "not all that can tell would do the same"),
        ),
    ),
    Table(
        "rescue",
        "Accounts that may leave, by what is at stake.",
        (
            text("customer_id", "the account"),
            number("leaves_year", "the chance that it leaves within twelve months"),
            money("clv_avoidable", "what is lost if it goes; below 0: nothing is"),
            money("at_stake", "leaves_year x max(0, clv_avoidable)"),
            money("save_budget", "the most that an effort to keep it is worth"),
            money("low", "its range"),
            money("high", "its range"),
            number("save_hours", "the same in hours of the portfolio's work; empty without costed work"),
        ),
    ),
    Table(
        "protect_first",
        "Accounts that earn, and are under-served, failed by us, silent or up for renewal.",
        (
            text("customer_id", "the account"),
            money("clv_avoidable", "what is lost if it goes"),
            money("at_stake", "leaves_year x max(0, clv_avoidable)"),
            flag("under_served", "short of a promise"),
            flag("failed_by_us", "our own failures come first, by the policy"),
            number("silent_days", "since the last contact; empty where none is known"),
            flag("silent", "as long as the policy says, or longer"),
            day("contract_ends", "the next end of a contract; empty without one"),
            flag("renewal", "it ends within the policy's months"),
        ),
    ),
    Table(
        "mutual_value",
        "The parts of value_to_customer beside ours.",
        (
            text("customer_id", "the account"),
            number("wants_met", "0 to 100: how far what it asked for is delivered, by importance"),
            number(
                "promises_kept",
                "0 to 100: dates kept; of few drawn to the portfolio's share (`value.to_customer.shrink`)",
            ),
            number("price", "0 to 100: the share of like accounts with no larger discount from list"),
            number(
                "satisfaction", "0 to 100: its answers in the window, 1 as 0 and 5 as 100; of few drawn to the mean"
            ),
            number("wanted_share", "0 to 100: the share of its cost to serve that is not beyond what it wants"),
            number("value_to_customer", "0 to 100"),
            money("value_to_us", "clv"),
            integer("parts", "of the five that are known"),
            text(
                "quadrant",
                "its value to us (clv from 0) against ours to it (from the middle account's)",
                values=("both_gain", "we_gain", "they_gain", "neither_gains"),
            ),
        ),
    ),
)
