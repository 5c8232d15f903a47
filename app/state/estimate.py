"""How large an encode by the schedule will be, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

if TYPE_CHECKING:
    from jndcore.schedule.expected import Expected


@dataclass
class Estimate:
    """The estimate for `state.plan.schedule` and the encoder of its target.

    Attributes
    ----------
    expected : Expected or None
    done : float or None
        Share of the work, 0..1; None while nothing is worked on.
    trouble : str
        Why there is none.
    """

    expected: Expected | None = None
    done: float | None = None
    trouble: str = ""
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
