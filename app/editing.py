"""Editing the schedule by hand, with undo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.scale import NAMES, settled
from app.state import AppState
from app.state.plan import Plan, Planned

if TYPE_CHECKING:
    from jndcore.schedule import Schedule

MOST_STEPS = 200
"""Of undo; each keeps a schedule, whose unchanged segments it shares with the others."""

NEVER, PLANS, FIRST_DRAG = -1, 0, 1
"""Steps of one number in a row count as one: plans while a slider moves, and all of one drag."""


class _Step(QUndoCommand):
    """From one schedule to another."""

    def __init__(self, plan: Plan, text: str, before: Planned, after: Planned, number: int) -> None:
        super().__init__(text)
        self._plan = plan
        self._before = before
        self._after = after
        self._number = number

    def id(self) -> int:
        return self._number

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step):
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self._plan.adopt(self._after)

    def undo(self) -> None:
        self._plan.adopt(self._before)


class Editing(QObject):
    """All that changes `state.plan.planned`: new plans and edits are steps of one history.

    The segment that is edited by keys is the one at the playhead.
    """

    def __init__(self, state: AppState, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._plan = state.plan
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(MOST_STEPS)
        self._drag = FIRST_DRAG
        self._stack.indexChanged.connect(self._tell)

    @property
    def unsaved(self) -> bool:
        """Whether edits by hand would be lost."""
        planned = self._plan.planned
        return planned is not None and planned.by_hand and not self._stack.isClean()

    def note_saved(self) -> None:
        """What stands now is on the disk."""
        self._stack.setClean()

    def take(self, planned: Planned) -> None:
        """A new plan stands; what it replaces can be brought back."""
        if self._plan.planned is None:
            self._stack.clear()
            self._plan.adopt(planned)
            self._tell()
        elif planned != self._plan.planned:
            self._push("Plan", planned, PLANS)

    def drop(self) -> None:
        """No schedule stands, and nothing can be undone."""
        self._plan.planned = None
        self._stack.clear()
        self._tell()

    def begin_drag(self) -> None:
        """The values set from here on with `drag` are one step."""
        self._drag += 1

    def set_value(self, index: int, value: float, *, drag: bool = False) -> None:
        """Give segment `index` another QP or CRF; one outside the scale becomes its end."""
        from jndcore.schedule import set_value

        schedule = self._plan.schedule
        if schedule is None:
            return
        value = settled(value, schedule)
        if schedule.segments[index].value != value:
            text = f"{NAMES[schedule.mode]} of Segment {index + 1}"
            self._edit(text, set_value(schedule, index, value), self._drag if drag else NEVER)

    def step_value(self, by: int) -> None:
        """Change the QP or CRF of the segment at the playhead."""
        schedule, index = self._plan.schedule, self._index()
        if schedule is not None:
            self.set_value(index, schedule.segments[index].value + by)

    def split(self) -> None:
        """Let a segment start at the playhead."""
        from jndcore.schedule import split

        if self._plan.schedule is not None:
            self._edit("Split", split(self._plan.schedule, self._state.playhead.frame))

    def join(self) -> None:
        """Join the segment at the playhead to the next, at the lower QP or CRF."""
        from jndcore.schedule import join

        if self._plan.schedule is not None:
            self._edit("Join", join(self._plan.schedule, self._index()))

    def undo(self) -> None:
        """Take the last step back."""
        self._stack.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._stack.redo()

    def _index(self) -> int:
        return self._plan.index_at(self._state.playhead.frame)

    def _edit(self, text: str, schedule: Schedule, number: int = NEVER) -> None:
        if self._plan.planned is not None:
            self._push(text, replace(self._plan.planned, schedule=schedule, by_hand=True), number)

    def _push(self, text: str, planned: Planned, number: int) -> None:
        if self._plan.planned is not None:
            self._stack.push(_Step(self._plan, text, self._plan.planned, planned, number))

    def _tell(self) -> None:
        self._plan.undo, self._plan.redo = self._stack.undoText(), self._stack.redoText()
