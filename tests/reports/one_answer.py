"""Where the pages say the headline figures: for each figure the phrases that tell it, with its value in the group."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from analysis.formats import amount, count, number, percent

NUMBER, AMOUNT, PART = r"(\d[\d,]*|no|none)", r"(-?[\d.,]+ ?(?:k|M|bn)?)", r"([\d.,]+%)"
#: `EUR` stands for the currency; words between two numbers of a sentence are kept short, so that they stay in it.
PHRASES: dict[str, tuple[str, ...]] = {
    "accounts": (rf"{NUMBER} accounts; [\d,]+ rows read", rf"{NUMBER} accounts; \d+ cost more than they bring"),
    "margin_known": (
        rf"\d+ of {NUMBER} accounts cost more than they bring",
        rf"{NUMBER} accounts earn EUR [\d.]+ k a year after the cost to serve",
    ),
    "cost_to_serve": (rf"of the EUR {AMOUNT} it costs to serve", rf"Serving \d+ accounts costs EUR {AMOUNT} a year"),
    "net_margin": (
        rf"Net margin after cost to serve {AMOUNT}",
        rf"\d+ accounts earn EUR {AMOUNT} a year after the cost to serve",
    ),
    "losing_accounts": (
        rf"{NUMBER} of \d+ accounts cost more than they bring",
        rf"Cost more than they bring {NUMBER} account",
        rf"the {NUMBER} that cost give",
        rf"accounts; {NUMBER} cost more than they bring: EUR",
    ),
    "losing_accounts_cost": (
        rf"cost more than they bring: EUR {AMOUNT} a year",
        rf"make up \d+% of the EUR {AMOUNT} lost",
        rf"accounts; \d+ cost more than they bring: EUR {AMOUNT} net",
    ),
    "losing_first_year": (rf"{NUMBER} in their first year",),
    "losing_by_our_failures": (rf"{NUMBER} would earn without our failures",),
    "ending_them_adds": (rf"Ending them would gain EUR {AMOUNT}\.", rf"Ending them would lose EUR {AMOUNT} more\."),
    "ending_gains_accounts": (rf"that cost more than they bring, ending {NUMBER} would add money",),
    "ending_gains": (rf"that cost more than they bring, ending \d+ would add money, EUR {AMOUNT};",),
    "losing_over_service": (
        rf"At the accounts that cost more, service beyond what was agreed or wanted cost EUR {AMOUNT} and",
    ),
    "losing_our_failures": (
        rf"At the accounts that cost more, service beyond what was agreed or wanted cost EUR [\d.]+ k and our own "
        rf"failures EUR {AMOUNT}\.",
    ),
    "sign_sure": (rf"The sign is sure for {NUMBER} of",),
    "earning_accounts": (rf"The best {NUMBER} accounts earn",),
    "peak_of_the_curve": (rf"The best \d+ accounts earn {PART} of the margin",),
    "given_back": (rf"that cost give {PART} of it back",),
    "stobachoff_index": (r"Stobachoff index (0\.\d+)",),
    "our_failures_cost": (rf"Our own failures cost {AMOUNT}",),
    "over_served": (
        rf"at {NUMBER} of \d+ scored; with all",
        rf"{NUMBER} of \d+ accounts scored are over-served",
    ),
    "over_served_scored": (rf"\d+ of {NUMBER} accounts scored are over-served", rf"at \d+ of {NUMBER} scored"),
    "over_service": (
        rf"Service beyond agreed or wanted {AMOUNT} at",
        rf"accounts scored are over-served: EUR {AMOUNT} a year",
    ),
    "under_served": (
        rf"a year; {NUMBER} are under-served",
        rf"{NUMBER} of \d+ accounts with a promise get clearly less",
    ),
    "promised_to": (rf"\d+ of {NUMBER} accounts with a promise get clearly less",),
    "beyond_agreed": (
        rf"with all, {AMOUNT} beyond agreed",
        rf"Service beyond what was agreed costs EUR {AMOUNT}",
        rf"Beyond what was agreed EUR {AMOUNT} with",
    ),
    "beyond_wanted": (
        rf"and {AMOUNT} beyond wanted",
        rf"beyond what is wanted EUR {AMOUNT}",
        rf"Beyond what is wanted EUR {AMOUNT} with",
    ),
    "after_hours": (rf"After hours EUR {AMOUNT} with",),
    "standing_ready": (
        rf"Standing ready, unused EUR {AMOUNT}",
        rf"Standing ready costs EUR [\d.]+ k, of which {AMOUNT} stood",
    ),
    "agreed_not_delivered": (rf"Agreed and not delivered EUR {AMOUNT} with",),
    "costly_segment": (rf"{NUMBER} of \d+ accounts take much service and lose",),
    "costly_segment_margin": (rf"\d+ of \d+ accounts take much service and lose EUR {AMOUNT}",),
    "unasked_work": (rf"EUR {AMOUNT} of work nobody asked for",),
    "truly_difficult": (
        rf"{NUMBER} accounts are truly difficult",
        rf"Truly difficult {NUMBER} accounts",
        rf"{NUMBER} of \d+ accounts scored are truly difficult",
        rf"of the {NUMBER} difficult earn money",
    ),
    "difficulty_scored": (
        rf"\d+ of {NUMBER} accounts scored are truly difficult",
        rf"Truly difficult \d+ accounts of {NUMBER} scored",
    ),
    "difficult_by_us": (
        rf"{NUMBER} more by our own doing",
        rf"{NUMBER} accounts? (?:is|are) so by our own doing",
        rf"Only by our failures {NUMBER} account",
        rf"An apology list: {NUMBER} account",
    ),
    "rated_by_staff": (rf"of {NUMBER} judged", rf"\d+ of {NUMBER} accounts have an undeserved"),
    "undeserved_bad_names": (rf"{NUMBER} of \d+ accounts have an undeserved", rf"{NUMBER} bad names that the record"),
    "quietly_difficult": (
        rf"{NUMBER} are harder than anybody says",
        rf"{NUMBER} accounts are more trouble than their names",
    ),
    "unused_capacity": (rf"{AMOUNT} unused capacity",),
    "capacity_not_used": (rf"EUR {AMOUNT} of the capacity paid for was not used",),
    "work_for_no_account": (rf"{AMOUNT} for no account", rf"EUR {AMOUNT} of the work belongs to no account"),
    "not_modelled": (rf"{AMOUNT} not modelled",),
    "operating_profit": (rf"operating profit of EUR {AMOUNT}",),
    "worth_ahead": (rf"The accounts are worth EUR {AMOUNT} over the next",),
    "at_stake": (rf"EUR {AMOUNT} is at stake over the next year",),
    "protect_first": (
        rf"Protect these \w+ first, of {NUMBER} accounts",
        rf"{NUMBER} accounts worth EUR [\d.]+ k to keep",
    ),
    "protect_first_worth": (rf"accounts worth EUR {AMOUNT} to keep",),
    "planned_accounts": (
        rf"What to do next with {NUMBER} accounts",
        rf"Steps with {NUMBER} accounts (?:bring|cost|set)",
        rf"{NUMBER} accounts have a step in the plan",
        rf"All steps of the plan, with {NUMBER} accounts, would",
    ),
    "plan_adds": (rf"At full cost EUR {AMOUNT}", rf"At full cost it comes to EUR {AMOUNT}"),
    "plan_cash": (
        rf"In cash EUR {AMOUNT}",
        rf"Steps with \d+ accounts bring EUR {AMOUNT} in cash",
        rf"All steps of the plan, with \d+ accounts, would bring EUR {AMOUNT} in cash",
    ),
    "plan_frees": (rf"Time freed {NUMBER} hours",),
    "talks_first": (rf"{NUMBER} talks would",),
    "talks_first_cash": (rf"talks would bring EUR {AMOUNT} in cash", rf"they would bring EUR {AMOUNT} in cash"),
    "talks_first_free": (rf"(?:talks|they) would bring EUR [^;]*?set {NUMBER} hours a year",),
    "talks_first_hours": (rf", for {NUMBER} hours of work",),
}  # fmt: skip
#: Figures of the table that no sentence of the sample tells as such: their sums stand in tables, or what they are of
#: adds less than the talks do.
UNTOLD = {"net_revenue", "talks_first_add", "earned", *(f"mending{part}" for part in ("", "_add", "_cash", "_free"))}
#: Figures that are told without their sign: the words around them say the way.
UNSIGNED = {"ending_them_adds", "costly_segment_margin"}


def told(pages: dict[str, str], figure: str, currency: str) -> Iterator[tuple[str, str]]:
    """Yield the page and the value wherever a figure is told."""
    for page, words in pages.items():
        for phrase in PHRASES[figure]:
            for found in re.finditer(phrase.replace("EUR", currency), re.sub(r"\s+", " ", words)):
                yield page, found[1].strip()


def written(row: pd.Series) -> str:
    """Write a headline figure as the pages do."""
    if row["unit"] == "share":
        return percent(row["value"])
    if row["unit"] == "index":
        return number(row["value"], 2)
    if row["unit"] in ("accounts", "hours"):
        return count(row["value"])
    return amount(abs(row["value"]) if row.name in UNSIGNED else row["value"]).replace("\xa0", " ")
