"""The satisfied-user ratio (SUR): the share of viewers whose JND lies above a QP.

The observers of a clip are well described by a normal distribution (94.5 % of VideoSet's clips pass
Jarque-Bera; its 75 % point lies within 0.84 QP rms of the empirical one), so the curve follows from
the QP at 75 % SUR and the spread between observers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHARE_OF_LABEL = 0.75


def sur(qp: ArrayLike, jnd: ArrayLike, sd: ArrayLike) -> NDArray[np.float64]:
    """Share of viewers, 0..1, who see no loss at `qp`; arguments broadcast.

    Parameters
    ----------
    qp : array_like
        QP of the encode, x264 P-frame scale.
    jnd : array_like
        QP at 75 % SUR. For levels 2 and 3 the result is the share that sees no loss *beyond the level
        before*.
    sd : array_like
        Spread between observers, QP, above 0.
    """
    from scipy.special import ndtr, ndtri  # here, so that the first window need not wait for scipy

    qp, jnd, sd = (np.asarray(a, dtype=np.float64) for a in (qp, jnd, sd))
    return np.asarray(ndtr((jnd - qp) / sd + ndtri(SHARE_OF_LABEL)))


def qp_at_share(share: ArrayLike, jnd: ArrayLike, sd: ArrayLike) -> NDArray[np.float64]:
    """The QP that a `share` of viewers (above 0, below 1) accepts: the inverse of `sur`."""
    from scipy.special import ndtri

    share, jnd, sd = (np.asarray(a, dtype=np.float64) for a in (share, jnd, sd))
    return np.asarray(jnd + sd * (ndtri(SHARE_OF_LABEL) - ndtri(share)))
