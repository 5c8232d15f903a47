"""Figures as people read them."""

from __future__ import annotations


def clock(seconds: float, digits: int = 3) -> str:
    """Time as ``m:ss.mmm``, with hours where there are any."""
    step = 10**digits
    ticks = round(max(seconds, 0.0) * step)
    whole, part = divmod(ticks, step)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{digits}}" if digits else text


def duration(seconds: float) -> str:
    """A stretch of time in words: ``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {second} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Bytes in the unit that fits."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def decimal_size(count: float) -> str:
    """Bytes in thousands, as encodes are spoken of: ``850 kB``, ``12.4 MB``."""
    return _decimal(count, ("bytes", "kB", "MB", "GB"))


def bit_rate(kbps: float) -> str:
    """Kilobits a second in the unit that fits: ``850 kbit/s``, ``1.2 Mbit/s``."""
    return _decimal(kbps, ("kbit/s", "Mbit/s", "Gbit/s"))


def _decimal(value: float, units: tuple[str, ...]) -> str:
    for unit in units[:-1]:
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == units[0] or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} {units[-1]}"


def level_value(qp: float, doubt: float) -> str:
    """A QP with its standard error, where there is one, or a dash while it is unknown."""
    if qp != qp:
        return "–"
    return f"{qp:.1f}" if doubt != doubt else f"{qp:.1f} ± {doubt:.1f}"


def pace(fps: float) -> str:
    """Frames a second, with a decimal where they are few."""
    return f"{fps:.0f}" if fps >= 10 else f"{fps:.1f}"
