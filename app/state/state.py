"""All that a window watches."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from app.state.comparison import Comparison
from app.state.document import Document
from app.state.encode import Encode
from app.state.estimate import Estimate
from app.state.models import Models
from app.state.overlays import Overlays
from app.state.pictures import Pictures
from app.state.plan import Plan
from app.state.playhead import Playhead
from app.state.proof import Proof
from app.state.results import Results
from app.state.settings import Settings
from app.state.viewport import Viewport
from app.state.work import Work


@dataclass
class AppState:
    """The state of one window; it changes in the UI thread alone."""

    settings: Settings
    document: Document = field(default_factory=Document)
    playhead: Playhead = field(default_factory=Playhead)
    pictures: Pictures = field(default_factory=Pictures)
    comparison: Comparison = field(default_factory=Comparison)
    viewport: Viewport = field(default_factory=Viewport)
    results: Results = field(default_factory=Results)
    overlays: Overlays = field(default_factory=Overlays)
    plan: Plan = field(default_factory=Plan)
    encode: Encode = field(default_factory=Encode)
    estimate: Estimate = field(default_factory=Estimate)
    proof: Proof = field(default_factory=Proof)
    models: Models = field(default_factory=Models)
    work: Work = field(default_factory=Work)

    def known_qp(self, frame: int, level: int) -> float | None:
        """QP that the serving model's analysis gives `frame` at JND `level`; None while there is none."""
        if self.results.model != self.work.model or not self.results.known(frame):
            return None
        qp = float(self.results.qp[frame, level - 1])
        return None if math.isnan(qp) else qp
