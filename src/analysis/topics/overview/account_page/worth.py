"""What an account is worth: to accounting, over the years, with the step, through whom it brought in, and to itself."""

from __future__ import annotations

from analysis.formats import amount, counted, is_known, is_nothing, money_range, number, per_window, percent
from analysis.reporting.fragments import section
from analysis.reporting.markup import Child, Html, element
from analysis.topics.overview.account_page.filing import File
from analysis.topics.overview.account_page.opening import came_in_it

Line = tuple[str, str]


def worth(file: File) -> Html:
    """Set the lenses one under another."""
    lines = [line for line in (*_lenses(file), *_ends(file)) if line]
    if not lines:
        return Html()
    items: list[Child] = [element("div", element("dt", label), element("dd", value)) for label, value in lines]
    return section("worth", f"What it is worth, {file.currency}", element("dl", items, class_="ledger"), short="Worth")


def _lenses(file: File) -> list[Line]:
    row, years = file.account, f"Over {file.run.policy.finance.horizon_months} months"
    lines: list[Line] = []
    fees, fee = row["contract_value"], row["exit_fee"]
    if is_known(fees) and float(fees) > 0:
        exit_fee = f"; {amount(fee)}" if is_known(fee) and float(fee) > 0 else ""
        lines.append((f"To accounting: fees under contract{', exit fee' if exit_fee else ''}", amount(fees) + exit_fee))
    elif is_known(fees):
        lines.append(("To accounting: fees under contract", "none"))
    if is_known(row["clv"]) and not file.has_left:
        span = money_range(row["clv_low"], row["clv_high"])
        lines.append(
            (f"{years}, as it is, at full cost", f"{amount(row['clv'])} ({span})" if span else amount(row["clv"]))
        )
    if is_known(row["clv_avoidable"]) and not file.has_left:
        lines.append((f"{years}, at the costs that would go with it", amount(row["clv_avoidable"])))
    step = file.step.get("value")
    if is_known(row["clv"]) and is_known(step) and not is_nothing(float(str(step))):
        lines.append((f"{years}, with the next step", amount(float(row["clv"]) + float(str(step)))))
    brought = len(file.rows("referrals"))
    if brought:
        lines.append((f"Brought in {counted(brought, 'account')}, worth", amount(row["referral_value"])))
    return lines


def _ends(file: File) -> list[Line]:
    row = file.account
    lines: list[Line] = []
    if is_known(row["value_to_customer"]):
        lines.append(("What it gets for its money (0 to 100)", number(row["value_to_customer"], 0)))
    if is_known(row["leaves_year"]) and not file.has_left:
        lines.append(("Chance that it leaves within a year", percent(row["leaves_year"])))
    if is_known(row["save_budget"]) and float(row["save_budget"]) > 0:
        span = money_range(row["save_budget_low"], row["save_budget_high"])
        lines.append(
            (
                "The most that keeping it is worth",
                f"{amount(row['save_budget'])} ({span})" if span else amount(row["save_budget"]),
            )
        )
    if is_known(row["gain_if_ended"]) and not file.has_left:
        gain = float(row["gain_if_ended"])
        told = amount(abs(gain)) if abs(gain) >= 0.5 else "nothing that is known"
        words = f"Ending it would {'add' if gain >= 0 else 'take'}, {per_window(file.run.window.months)}"
        if new := came_in_it(file):
            words = f"Ending it would have {'added' if gain >= 0 else 'taken'} {new}"
        lines.append((words, told))
    return lines
