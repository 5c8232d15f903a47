from __future__ import annotations

from collections import Counter
from importlib.resources import files

from PySide6.QtGui import QKeySequence

from app.actions import COMMANDS, MENUS, key_text

KEYS_IN_THE_FINGERS = {
    "Space": "play.toggle",
    "Left": "play.back",
    ",": "play.back",
    "Right": "play.forward",
    ".": "play.forward",
    "Shift+Left": "play.far_back",
    "Shift+Right": "play.far_forward",
    "Home": "play.first",
    "End": "play.last",
    "F": "view.full",
    "F11": "view.full",
    "Ctrl+0": "zoom.actual",
    "Ctrl+9": "zoom.fit",
    "1": "compare.original",
    "2": "compare.jnd",
    "3": "compare.both",
    "B": "compare.both",
    "S": "compare.swap",
    "Ctrl+O": "file.open",
    "Ctrl+S": "file.save",
    "Ctrl+E": "schedule.export",
    "Ctrl+Z": "schedule.undo",
    "?": "help.keys",
    "H": "help.keys",
    "F1": "help.keys",
    "Ctrl+K": "help.commands",
    "Ctrl+Shift+P": "help.commands",
}


def test_no_key_and_no_id_twice():
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    ids = Counter(command.id for command in COMMANDS)
    assert [name for name, count in ids.items() if count > 1] == []


def test_every_key_is_one_that_qt_knows():
    for command in COMMANDS:
        for key in command.keys:
            assert QKeySequence(key).toString(), (command.id, key)
            assert key_text(key)


def test_the_keys_that_people_have_in_their_fingers():
    keys = {key: command.id for command in COMMANDS for key in command.keys}
    assert {key: keys.get(key) for key in KEYS_IN_THE_FINGERS} == KEYS_IN_THE_FINGERS


def test_every_command_has_a_menu_and_its_drawing():
    drawings = {entry.name for entry in files("resources").joinpath("icons").iterdir()}
    for command in COMMANDS:
        assert command.menu.split("/")[0] in MENUS
        for drawing in (command.icon, command.checked_icon):
            assert not drawing or f"{drawing}.svg" in drawings


def test_menus_hold_every_command_once(make):
    window = make()
    found = Counter()
    menus = [action.menu() for action in window.menuBar().actions()]
    while menus:
        for action in menus.pop().actions():
            if action.menu() is not None:
                menus.append(action.menu())
            else:
                found[action] += 1
    for command in COMMANDS:
        assert found[window.actions_.by_id[command.id]] == 1, command.id


def test_a_blocked_command_says_why(make):
    window = make()
    action = window.actions_.by_id["file.save"]
    assert not action.isEnabled()
    assert "Open a video first." in action.toolTip()
    assert "Ctrl+S" in action.toolTip()


def test_commands_follow_the_state(window, qtbot):
    by_id = window.actions_.by_id
    qtbot.waitUntil(lambda: by_id["file.save"].isEnabled())
    assert "first frame" in by_id["play.back"].toolTip()
    window.instrument.viewing.seek_last()
    qtbot.waitUntil(lambda: by_id["play.back"].isEnabled() and not by_id["play.forward"].isEnabled())
    assert "last frame" in by_id["play.forward"].toolTip()
