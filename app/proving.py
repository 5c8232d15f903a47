"""Proving that an encode of the open video is what the schedule says, and looking at its worst frames."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.state import AppState, Checked
from app.viewing import Viewing
from app.workers.check import CheckThread
from app.workers.schedules import for_target


class Proving(QObject):
    """Runs one check at a time; what comes of it is in `state.proof` until another video is opened.

    Signals
    -------
    failed(str, str)
        A sentence and details.
    """

    failed = Signal(str, str)

    def __init__(self, state: AppState, viewing: Viewing, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._proof = state.proof
        self._viewing = viewing
        self._thread: CheckThread | None = None
        self._source: Path | None = None  # of the encode that was begun last
        self._rank = -1  # of the worst frame that was looked at last
        self._proof.can_vmaf = find_spec("imageio_ffmpeg") is not None
        self._proof.events.score.connect(self._walk_anew)
        self._proof.events.checked.connect(self._walk_anew)
        state.document.changed.connect(self._drop)
        state.document.corrected.connect(self._on_corrected)
        state.encode.events.target.connect(self._on_encode)

    def start(self, encoded: Path) -> None:
        """Check a file against the schedule as it stands now, for the encoder of the chosen target."""
        plan, video = self._state.plan, self._state.document.path
        if plan.schedule is None or not plan.fits or video is None or self._thread is not None:
            return
        schedule = for_target(plan.schedule, plan.target)
        vmaf = self._proof.vmaf and self._proof.can_vmaf
        self._thread = CheckThread(encoded, schedule, video, vmaf=vmaf, parent=self)
        self._thread.progressed.connect(self._on_progress)
        self._thread.checked.connect(self._on_checked)
        self._thread.failed.connect(self._on_failed)
        self._thread.finished.connect(self._on_end)
        self._proof.stage, self._proof.done = "opening", 0.0
        self._proof.checking = encoded
        self._thread.start()

    def cancel(self) -> None:
        """End the check under way; what was found before stays."""
        if self._thread is not None:
            self._state.work.say("The check is cancelled")
            self._thread.cancel()

    def stop(self) -> None:
        """End the check under way, and wait for its end."""
        if self._thread is not None:
            self._thread.cancel()
            self._thread.wait()

    def remove(self) -> None:
        """Forget what was found."""
        self._proof.checked = None

    def toggle_vmaf(self) -> None:
        """Measure VMAF too from the next check on, or do not."""
        self._proof.vmaf = not self._proof.vmaf

    def offer(self, encoded: Path) -> None:
        """A file was made by the schedule: if it is of the open video, it can be checked."""
        checked = self._proof.checked
        if checked is not None and checked.encoded == encoded:
            self.remove()  # the file that it was about is no more
        if self._source == self._state.document.path:
            self._proof.made, self._proof.offered = encoded, True

    def go_worst(self) -> None:
        """Go to the frame with the lowest score."""
        self._go(0)

    def go_next(self) -> None:
        """Go to the next one: after that at the playhead, or else after the one looked at last."""
        here = np.flatnonzero(self._walk() == self._state.playhead.frame)
        self._go((int(here[0]) if len(here) else self._rank) + 1)

    def _go(self, rank: int) -> None:
        walk = self._walk()
        if len(walk):
            self._rank = rank % len(walk)  # behind the last one comes the first
            self._state.playhead.playing = False
            self._viewing.seek(int(walk[self._rank]))

    def _walk(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        checked = self._proof.checked
        none = np.zeros(0, dtype=np.intp)
        return none if checked is None else checked.worst.get(self._proof.score, none)

    def _walk_anew(self) -> None:
        self._rank = -1

    def _drop(self) -> None:
        """Another video."""
        if self._thread is not None:
            self._thread.cancel()
        self._proof.checked, self._proof.made, self._proof.offered = None, None, False

    def _on_corrected(self) -> None:
        """Of a video with other frames than were planned nothing here holds."""
        frames, checked = len(self._state.document), self._proof.checked
        if self._thread is not None and self._thread.schedule.frames != frames:
            self._thread.cancel()
        if checked is not None and checked.schedule.frames != frames:
            self.remove()

    def _on_encode(self, target: Path | None) -> None:
        if target is not None:
            self._source = self._state.document.path
            self._proof.made, self._proof.offered = None, False

    def _on_progress(self, stage: str, done: float) -> None:
        self._proof.stage, self._proof.done = stage, done

    def _on_checked(self, checked: Checked) -> None:
        if self._thread is None or self._thread.cancelled:
            return
        proof = self._proof
        if proof.score not in checked.values:
            proof.score = next(iter(checked.values), "xpsnr")
        proof.checked = checked
        proof.offered = proof.offered and proof.made != checked.encoded
        verdict = "is as planned" if checked.report.ok else "falls short: the schedule's panel says why"
        self._state.work.say(f"{checked.encoded.name} {verdict}")

    def _on_failed(self, text: str, details: str) -> None:
        if self._thread is not None and not self._thread.cancelled:
            self.failed.emit(text, details)

    def _on_end(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()  # it has said that it ends, and does so now
            thread.deleteLater()
        self._proof.checking = None
