"""The contract's steps: what each acts on, where it stands on the ladder, and what it changes.

The ladder is Mittal, Sarkees & Murshed, "The Right Way to Manage Unprofitable Customers", Harvard Business Review
86(4), 2008: reassess, educate, renegotiate, migrate, terminate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RUNGS = ("reassess", "educate", "renegotiate", "migrate", "terminate")


@dataclass(frozen=True)
class Step:
    """One step.

    Parameters
    ----------
    action, rung
        Its name in the contract, and where it stands on the ladder.
    drivers
        The contract's drivers that it acts on.
    pools
        The amounts that it takes its share of, each with a weight; a name without `@hand` is the driver's whole work.
    own
        It mends what is ours: it may be proposed where our failures cause the trouble.
    brings_money
        What it saves is paid by the customer, so that all of it is cash.
    minded_by
        `asked`: an account refuses or agrees; `wanting`: those that wanted what goes mind, the others do not.
    grows_with
        `failures`: its pull grows with the share of cases that we caused; `nothing`: it is the same for all.
    """

    action: str
    rung: str
    drivers: tuple[str, ...]
    pools: Mapping[str, float]
    own: bool = False
    brings_money: bool = False
    minded_by: str = "asked"
    grows_with: str = "nothing"
    clashes: frozenset[str] = field(default_factory=frozenset)


_NOTHING: dict[str, float] = {}
_FORMS = frozenset({"trim_frequency", "change_offer", "change_tier", "restore_service", "invest"})
_MOVES = frozenset({"change_channel", "change_staff", "change_tier"})
_PRICES = frozenset({"reprice", "change_tier", "invest"})

_ALL = (
    Step(
        *("talk", "reassess", (), _NOTHING),
        # A talk about what each side expects: nothing changes but the chance that it stays.
        own=True,
    ),
    Step(
        *("mend_our_failures", "reassess", ("failure",), {"failure": 1.0}),
        # Fewer failures of ours: a share of the work that they cause goes, and it stays longer.
        own=True,
        grows_with="failures",
    ),
    Step(
        *("restore_service", "reassess", (), {"shortfall": 1.0}),
        # Service that was promised and fell short is delivered: it costs, and it stays longer.
        own=True,
        clashes=_FORMS,
    ),
    Step(
        *("invest", "reassess", (), {"more_service": 1.0}),
        # More service than now for an account that earns: it costs a share of cost to serve, and it stays longer.
        clashes=_FORMS | _PRICES,
    ),
    Step(
        *("educate", "educate", ("returns", "other_service"), {"returned": 1.0, "other_service": 1.0}),
        # Fewer questions and wrong orders: a share of them and of returns goes.
    ),
    Step(
        *("require_notice", "educate", ("rush", "after_hours"), {"rush": 1.0, "after_hours": 1.0}),
        # Notice is asked for: a share of what rushes and nights add goes.
    ),
    Step(
        *("order_terms", "educate", ("order_size", "freight"), {"order_size": 1.0, "freight": 1.0}),
        # Fewer, larger orders: a share of handling and freight goes.
    ),
    Step(
        *("payment_terms", "renegotiate", ("financing", "write_offs"), {"late": 1.0, "write_offs": 0.2}),
        # Payment on the day that it is due: a share of waiting, and a fifth of it of write-offs, goes.
    ),
    Step(
        *("trim_frequency", "renegotiate", ("over_service", "unrequested")),
        {"over_service": 1.0, "unrequested": 1.0},
        # Service beyond the level due stops, and what nobody asked for where no level is; who wanted it minds.
        minded_by="wanting",
        clashes=_FORMS,
    ),
    Step(
        *("change_offer", "renegotiate", ("over_service", "product_mix"), {"over_service": 1.0, "goods": 0.01}),
        # Another bundle: a share of service beyond the level due goes, and dearer goods are swapped for others.
        clashes=_FORMS,
    ),
    Step(
        *("change_channel", "migrate", ("other_service", "order_size")),
        {"other_service@hand": 1.0, "order_size@hand": 1.0, "rush_work@hand": 1.0},
        # The portal instead of people: a share of what people do by phone or e-mail goes.
        clashes=_MOVES,
    ),
    Step(
        *("change_staff", "migrate", ("other_service", "obtaining"), {"other_service": 1.0, "obtaining": 1.0}),
        # Other staff do the same work at a lower rate.
        clashes=_MOVES,
    ),
    Step(
        *("charge_out_of_scope", "renegotiate", ("out_of_scope",), {"out_of_scope": 1.0}),
        # Work beyond the agreement is charged, or stops.
        brings_money=True,
    ),
    Step(
        *("reprice", "renegotiate", ("discount",), {"net_revenue": 1.0}),
        # Prices rise, or discounts fall, by a share of net revenue.
        brings_money=True,
        clashes=_PRICES,
    ),
    Step(
        *("change_tier", "migrate", ("other_service", "after_hours"), {"other_service": 1.0, "after_hours": 1.0}),
        # A lower tier of service: a share of everyday and night work goes.
        clashes=_FORMS | _MOVES | _PRICES,
    ),
)
#: Every step that changes something and keeps the account; `none` and `terminate` stand apart.
STEPS: dict[str, Step] = {step.action: step for step in _ALL}
#: The rung of every action of the contract.
RUNG = {"none": "reassess", **{name: step.rung for name, step in STEPS.items()}, "terminate": "terminate"}


def may_go_together(steps: tuple[Step, ...]) -> bool:
    """Return whether the steps are compatible: none is a form of another."""
    names = [step.action for step in steps]
    return not any(other in step.clashes for step in steps for other in names if other != step.action)
