"""The table of commands as Qt's actions, menus and tool bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar

from app.actions import COMMANDS, MENUS, tool_tip
from app.icons import icon
from app.state import AppState

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


class Actions(QObject):
    """The QActions of one window, made from `COMMANDS` and kept true to its state.

    Attributes
    ----------
    by_id : dict of str to QAction
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._state: AppState = window.instrument.state
        self.by_id: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.title, window)
            action.setObjectName(command.id)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setCheckable(command.checked is not None)
            action.triggered.connect(lambda _=False, run=command.run: self._run(run, window))
            window.addAction(action)
            self.by_id[command.id] = action
        self.refresh_icons()
        self.refresh()

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tool tip of the rest why it cannot."""
        for command in COMMANDS:
            action = self.by_id[command.id]
            reason = command.blocked(self._state)
            action.setEnabled(not reason)
            action.setToolTip(tool_tip(command, reason))
            if command.checked is not None:
                action.setChecked(command.checked(self._state))

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the palette in use."""
        for command in COMMANDS:
            if command.icon:
                self.by_id[command.id].setIcon(icon(command.icon, command.checked_icon))

    def in_bar(self, bar: str) -> list[QAction]:
        """Actions that stand in a bar, in the table's order."""
        return [self.by_id[command.id] for command in COMMANDS if command.bar == bar]

    def fill_menus(self, bar: QMenuBar, submenus: dict[str, QMenu]) -> None:
        """Add all commands to the menus of `bar`, and each of `submenus` below the command of its id."""
        menus = {name: bar.addMenu(name) for name in MENUS}
        for command in COMMANDS:
            if command.menu not in menus:
                parent, title = command.menu.split("/")
                menus[command.menu] = menus[parent].addMenu(title)
            menu = menus[command.menu]
            menu.setToolTipsVisible(True)
            if command.separate and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(self.by_id[command.id])
            if command.id in submenus:
                menu.addMenu(submenus[command.id])

    def fill_tools(self, bar: QToolBar) -> None:
        """Add the commands of the tool bar, in groups by menu."""
        menu = ""
        for command in COMMANDS:
            if command.bar == "tools":
                if bar.actions() and (command.separate or command.menu != menu):
                    bar.addSeparator()
                bar.addAction(self.by_id[command.id])
                menu = command.menu

    def _run(self, run: Callable[[MainWindow], object], window: MainWindow) -> None:
        run(window)
        self.refresh()  # a choice clicked twice stays checked
