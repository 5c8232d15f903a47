"""Being told to end by another program, or by the terminal's closing: as orderly as Ctrl+C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def ends_in_order() -> Iterator[None]:
    """In the block SIGTERM and SIGHUP unwind the stack, so that temporary files go; exit code 128 + signal.

    One that is ignored, as by nohup, stays ignored. For the main thread.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    taken = [number for number, handler in before.items() if handler == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one is not to cut the clearing up short
    print(f"jnd: ended by {signal.Signals(number).name}; no half-written file is left.", file=sys.stderr)
    sys.exit(128 + number)
