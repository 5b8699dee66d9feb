"""The present value of one a month for as long as an account stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


def annuity(hazards: Floats, discount_rate: float, pull: float | Floats = 1.0) -> Floats:
    """Return the present value of one a month, paid at month ends to those who have stayed until then.

    The sum over months t of S(t) x (1 + discount_rate)^(-t/12), with S(t) the product over s <= t of
    1 - min(1, hazard(s) x pull).

    Parameters
    ----------
    hazards
        Accounts x months: the chance that an account that is still here leaves in the month.
    discount_rate
        A year.
    pull
        What multiplies each chance of leaving: one number, or one per account. 1 leaves it, 0 keeps everybody.

    Returns
    -------
    array
        One value per account, in months of margin.

    Examples
    --------
    >>> import numpy as np
    >>> annuity(np.zeros((1, 12)), 0.0)
    array([12.])
    >>> annuity(np.full((1, 2), 0.5), 0.0)
    array([0.75])
    """
    import numpy as np

    month = (1.0 + discount_rate) ** (-1.0 / 12.0)
    stays, worth = np.ones(len(hazards)), np.zeros(len(hazards))
    for number, chance in enumerate(hazards.T, start=1):
        stays = stays * (1.0 - np.clip(chance * pull, 0.0, 1.0))
        worth += stays * month**number
    return worth
