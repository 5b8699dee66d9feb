"""The choices about difficulty: what counts as trouble, how much of it is much, and how much must be known."""

from __future__ import annotations

from pydantic import Field, field_validator

from analysis.settings import Settings


class References(Settings):
    """The rate of each behaviour that alone makes one point of the index of trouble; 0: it is not weighed."""

    short_notice: float = Field(0.50, ge=0, description="of the cases")
    rush_orders: float = Field(0.90, ge=0, description="of the orders")
    out_of_scope: float = Field(0.32, ge=0, description="of the cases")
    after_hours: float = Field(0.26, ge=0, description="of the cases")
    escalations: float = Field(0.24, ge=0, description="of the cases")
    reopenings: float = Field(0.22, ge=0, description="of the cases")
    disputes: float = Field(0.22, ge=0, description="of the invoices")
    late_payment: float = Field(26.0, ge=0, description="days late, weighted by amount")
    dissatisfied: float = Field(0.42, ge=0, description="of the cases that the customer rated")


class Difficulty(Settings):
    """What makes an account difficult: behaviours, their weights, and the evidence that a judgement needs."""

    cases: int = Field(6, ge=1, description="cases in the window from which an account is scored")
    invoices: int = Field(6, ge=1, description="invoices that were due from which it is; either will do")
    threshold: float = Field(45.0, gt=0, lt=100, description="the difficulty from which an account is difficult")
    sure: float = Field(0.5, ge=0.5, lt=1, description="the chance of passing it from which it is judged so")
    steepness: float = Field(
        0.27, gt=0, le=5, description="how soon trouble fills its scale: trouble = 100 x (1 - exp(-steepness x index))"
    )
    references: References = Field(default_factory=References, description="how much of each behaviour is one point")
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
    surcharge_products: tuple[str, ...] = Field(
        ("*surcharge*", "*express*"),
        description="products (`*` stands for any text) that pay for a rush: an order with one is no rush",
    )
    dunning_activities: tuple[str, ...] = Field(
        ("dunning", "payment_reminder"), description="activities of the costing that remind of a payment"
    )
    after_project_days: int = Field(
        45, ge=1, description="days after a project closed within which somebody should have been in touch"
    )

    @field_validator("surcharge_products", "dunning_activities", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value
