"""What a thread says when something other than bad input ends its work."""

from __future__ import annotations


def defect(work: str, error: Exception) -> str:
    """One sentence for the user: `work`, such as ``"Decoding"``, met what no code here foresees."""
    return (
        f"{work} met a defect of this program ({type(error).__name__}: {error}); the details help to mend it."
    )
