"""What a command is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.state import AppState

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


@dataclass(frozen=True)
class Command:
    """One thing that the user can do.

    Attributes
    ----------
    id : str
        ``room.verb``.
    title : str
        As menus and the palette show it.
    menu : str
        One of `app.actions.MENUS`, with a submenu behind a slash.
    run : callable
        Does it, in a window.
    keys : tuple of str
        Shortcuts in Qt's portable format; the menu shows the first.
    icon : str
        Drawing in resources/icons; empty for none.
    bar : str
        Where a button stands too: ``"tools"``, ``"transport"``, ``"segments"``, ``"proof"`` or nowhere.
    blocked : callable
        Why the command cannot be used now; an empty string when it can.
    checked : callable or None
        Whether a command that is a choice is the one in force.
    checked_icon : str
        Drawing while it is in force; empty for the same.
    separate : bool
        Whether a line stands above it in its menu.
    """

    id: str
    title: str
    menu: str
    run: Callable[[MainWindow], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    bar: str = ""
    blocked: Callable[[AppState], str] = lambda _: ""
    checked: Callable[[AppState], bool] | None = None
    checked_icon: str = ""
    separate: bool = False
