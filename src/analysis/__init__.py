"""Mutual Value: what each customer relationship is worth, to both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.policy import Policy
    from analysis.portfolio import Portfolio

__all__ = ["Policy", "Portfolio"]


def __getattr__(name: str) -> Any:
    """Import the two public names when they are first asked for, so that `--help` answers at once."""
    if name == "Portfolio":
        from analysis.portfolio import Portfolio

        return Portfolio
    if name == "Policy":
        from analysis.policy import Policy

        return Policy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
