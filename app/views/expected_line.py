"""One line: what an encode by the schedule is expected to come to."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from app.format import bit_rate, decimal_size
from app.state import AppState

WAITS = "It waits while the video is analysed, played, encoded or checked."


class ExpectedLine(QLabel):
    """Watches `state.estimate`; hidden while there is no schedule for the target, or it is being refined."""

    def __init__(self, state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setWordWrap(True)
        state.estimate.events.connect(self._show)
        for event in (state.plan.events.planned, state.plan.events.target, state.plan.events.stage):
            event.connect(self._show)
        self._show()

    def _show(self) -> None:
        estimate, plan = self._state.estimate, self._state.plan
        self.setVisible(plan.fits and not plan.stage)
        if estimate.trouble:
            self.setText(f"No estimate of the size: {estimate.trouble}")
            self.setToolTip("")
        elif estimate.expected is not None:
            self._show_found()
        else:
            done = f" {estimate.done:.0%}" if estimate.done else ""
            self.setText(f"Expected: estimating …{done}")
            self.setToolTip(f"Some frames of the segments are encoded to see how large they get.\n{WAITS}")

    def _show_found(self) -> None:
        found = self._state.estimate.expected
        if found is None:
            return
        rate = f", {bit_rate(found.kbps)}" if found.kbps else ""
        self.setText(f"Expected: {decimal_size(found.bytes)}{rate} (± {100 * found.doubt:.0f} %)")
        encoder = self._state.plan.target.encoder
        self.setToolTip(
            f"The video stream alone, without sound, as Encode… makes it with {encoder}:\nby trial "
            f"encodes of some frames in {found.trials} of {found.parts} parts of the video.\n"
            "Nine of ten estimates came within the ± of the encode."
        )
