"""The choices about difficulty: what counts as trouble, how much of it is much, and how much must be known."""

from __future__ import annotations

from pydantic import Field, field_validator

from analysis.settings import Names, Settings

#: What accounts do that can be weighed.
NAMES = (
    *("short_notice", "rush_orders", "out_of_scope", "after_hours", "escalations", "reopenings", "disputes"),
    *("late_payment", "dissatisfied"),
)


class Difficulty(Settings):
    """What makes an account difficult: behaviours, their weights, and the evidence that a judgement needs."""

    cases: int = Field(6, ge=1, description="cases in the window from which an account is scored")
    invoices: int = Field(6, ge=1, description="invoices that were due from which it is; either will do")
    false_share: float = Field(
        0.1, gt=0, lt=0.5, description="of the accounts called difficult, how many may stand apart by chance alone"
    )
    left_out: Names = Field((), description="behaviours that are not weighed (" + ", ".join(NAMES) + ")")
    short_notice: float = Field(
        0.6, gt=0, le=1, description="of the time that a case of its kind usually takes: needed sooner is short notice"
    )
    dissatisfied: int = Field(2, ge=1, le=4, description="satisfaction up to which a customer is dissatisfied")
    open_dispute: float = Field(0.5, ge=0, le=1, description="what a dispute counts while nobody knows who is right")
    slow_answer: float = Field(
        3.0, ge=1, description="times the portfolio's median from which a first answer is slow, where none was agreed"
    )
    silence_days: float = Field(
        7.0,
        gt=0,
        description="days (with a [calendar], working days) without a word in an open case that are a silent gap",
    )
    handoffs: int = Field(2, ge=1, description="handoffs of one case from which it went through many hands")
    least_causes: int = Field(
        30,
        ge=10,
        description="cases of either cause, and failed cases, from which the record can teach what is our doing",
    )
    surcharge_products: Names = Field(
        ("*surcharge*", "*express*"),
        description="products (`*` stands for any text) that pay for a rush: an order with one is no rush",
    )
    dunning_activities: Names = Field(
        ("dunning", "payment_reminder"), description="activities of the costing that remind of a payment"
    )
    after_project_days: int = Field(
        45, ge=1, description="days after a project closed within which somebody should have been in touch"
    )

    @field_validator("left_out")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in NAMES]
        if unknown:
            raise ValueError(f"there is no behaviour {unknown[0]!r}; there are {', '.join(NAMES)}")
        return value
