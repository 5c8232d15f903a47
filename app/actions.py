"""The one table of commands: menus, tool bar, keys, palette and key list come from it."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.command import Command
from app.reasons import no_level, no_video
from app.schedule_commands import SCHEDULE_COMMANDS
from app.state import AppState

MENUS = ("File", "Playback", "View", "Analysis", "Schedule", "Help")


def _at_start(state: AppState) -> str:
    return no_video(state) or ("" if state.playhead.frame > 0 else "This is the first frame.")


def _at_end(state: AppState) -> str:
    last = len(state.document) - 1
    return no_video(state) or ("" if state.playhead.frame < last else "This is the last frame.")


def _not_running(state: AppState) -> str:
    return "" if state.work.running else "No analysis is under way."


def _running(state: AppState) -> str:
    return no_video(state) or ("The analysis is under way." if state.work.running else "")


def _not_complete(state: AppState) -> str:
    if state.results.analysis is not None:
        return ""
    running = (
        "The analysis is not complete yet." if state.work.running else "Analyse the video to the end first."
    )
    return no_video(state) or running


def _no_level(state: AppState, level: int) -> str:
    work = state.work
    missing = work.levels and level not in work.levels
    return no_video(state) or (no_level(work.model, work.levels) if missing else "")


def _no_others(state: AppState) -> str:
    return "" if state.overlays.kept else "The timeline shows the current model alone."


def _level(level: int) -> Command:
    return Command(
        f"compare.jnd{level}",
        f"JND{level}",
        "View",
        lambda w: w.instrument.viewing.set_level(level),
        keys=(f"Ctrl+{level}",),
        bar="tools",
        blocked=lambda s: _no_level(s, level),
        checked=lambda s: s.comparison.level == level,
        separate=level == 1,
    )


COMMANDS = (
    Command("file.open", "Open Video…", "File", lambda w: w.ask_open(), ("Ctrl+O",), "open", "tools"),
    Command(
        "file.save",
        "Save Analysis As…",
        "File",
        lambda w: w.ask_save(),
        ("Ctrl+S",),
        "save",
        "tools",
        _not_complete,
        separate=True,
    ),
    Command("file.quit", "Quit", "File", lambda w: w.close(), ("Ctrl+Q",), separate=True),
    Command(
        "play.first",
        "First Frame",
        "Playback",
        lambda w: w.instrument.viewing.seek(0),
        ("Home",),
        "first",
        "transport",
        _at_start,
        separate=True,
    ),
    Command(
        "play.back",
        "One Frame Back",
        "Playback",
        lambda w: w.instrument.viewing.step(-1),
        ("Left", ","),
        "step-back",
        "transport",
        _at_start,
    ),
    Command(
        "play.toggle",
        "Play or Pause",
        "Playback",
        lambda w: w.instrument.viewing.play_or_pause(),
        ("Space",),
        "play",
        "transport",
        no_video,
        checked=lambda s: s.playhead.playing,
        checked_icon="pause",
    ),
    Command(
        "play.forward",
        "One Frame Forward",
        "Playback",
        lambda w: w.instrument.viewing.step(1),
        ("Right", "."),
        "step-forward",
        "transport",
        _at_end,
    ),
    Command(
        "play.last",
        "Last Frame",
        "Playback",
        lambda w: w.instrument.viewing.seek_last(),
        ("End",),
        "last",
        "transport",
        _at_end,
    ),
    Command(
        "play.far_back",
        "Several Frames Back",
        "Playback",
        lambda w: w.instrument.viewing.step(-w.instrument.state.settings.big_step),
        ("Shift+Left",),
        blocked=_at_start,
        separate=True,
    ),
    Command(
        "play.far_forward",
        "Several Frames Forward",
        "Playback",
        lambda w: w.instrument.viewing.step(w.instrument.state.settings.big_step),
        ("Shift+Right",),
        blocked=_at_end,
    ),
    Command(
        "compare.original",
        "Original Alone",
        "View",
        lambda w: w.instrument.viewing.set_mode("original"),
        ("1",),
        "left",
        "tools",
        blocked=no_video,
        checked=lambda s: s.comparison.mode == "original",
    ),
    Command(
        "compare.both",
        "Side by Side",
        "View",
        lambda w: w.instrument.viewing.set_mode("both"),
        ("3", "B"),
        "both",
        "tools",
        blocked=no_video,
        checked=lambda s: s.comparison.mode == "both",
    ),
    Command(
        "compare.jnd",
        "JND Frame Alone",
        "View",
        lambda w: w.instrument.viewing.set_mode("jnd"),
        ("2",),
        "right",
        "tools",
        blocked=no_video,
        checked=lambda s: s.comparison.mode == "jnd",
    ),
    Command(
        "compare.swap",
        "Swap Sides",
        "View",
        lambda w: w.instrument.viewing.swap(),
        ("S",),
        "swap",
        "tools",
        blocked=no_video,
        checked=lambda s: s.comparison.swapped,
    ),
    *(_level(level) for level in (1, 2, 3)),
    Command(
        "zoom.fit",
        "Fit Picture",
        "View",
        lambda w: w.instrument.state.viewport.fit(),
        ("Ctrl+9",),
        "fit",
        "tools",
        blocked=no_video,
        checked=lambda s: s.viewport.zoom is None,
        separate=True,
    ),
    Command(
        "zoom.actual",
        "1:1 Pixels",
        "View",
        lambda w: w.instrument.state.viewport.actual(),
        ("Ctrl+0",),
        "actual",
        "tools",
        blocked=no_video,
        checked=lambda s: s.viewport.zoom == 1,
    ),
    Command("zoom.in", "Zoom In", "View", lambda w: w.zoom(1), ("Ctrl++", "Ctrl+="), blocked=no_video),
    Command("zoom.out", "Zoom Out", "View", lambda w: w.zoom(-1), ("Ctrl+-",), blocked=no_video),
    Command(
        "timeline.whole",
        "Whole Timeline",
        "View",
        lambda w: w.show_whole_timeline(),
        ("Ctrl+8",),
        blocked=no_video,
        separate=True,
    ),
    Command(
        "view.full",
        "Full Screen",
        "View",
        lambda w: w.toggle_full_screen(),
        ("F11", "F"),
        separate=True,
    ),
    *(
        Command(
            f"theme.{theme}",
            title,
            "View/Theme",
            lambda w, theme=theme: w.set_theme(theme),  # type: ignore[misc]
            checked=lambda s, theme=theme: s.settings.theme == theme,  # type: ignore[misc]
        )
        for theme, title in (("system", "Follow the System"), ("light", "Light"), ("dark", "Dark"))
    ),
    Command(
        "analysis.again",
        "Analyse Again",
        "Analysis",
        lambda w: w.instrument.analysing.analyse(),
        ("Ctrl+R",),
        blocked=_running,
    ),
    Command(
        "analysis.cancel",
        "Cancel Analysis",
        "Analysis",
        lambda w: w.instrument.analysing.cancel(),
        ("Ctrl+Backspace",),
        "stop",
        blocked=_not_running,
    ),
    Command(
        "analysis.models",
        "Models and Their Cards…",
        "Analysis",
        lambda w: w.dialogs.models(),
        ("Ctrl+M",),
        "model",
        separate=True,
    ),
    Command(
        "analysis.alone",
        "Remove Other Models' Curves",
        "Analysis",
        lambda w: w.instrument.state.overlays.clear(),
        blocked=_no_others,
    ),
    Command("analysis.log", "Messages…", "Analysis", lambda w: w.dialogs.log(), separate=True),
    *SCHEDULE_COMMANDS,
    Command(
        "help.commands",
        "All Commands…",
        "Help",
        lambda w: w.dialogs.palette(),
        ("Ctrl+K", "Ctrl+Shift+P"),
        "commands",
        "tools",
    ),
    Command("help.keys", "Keys…", "Help", lambda w: w.dialogs.keys(), ("F1", "?", "H")),
    Command("help.about", "About JNDScope…", "Help", lambda w: w.dialogs.about(), separate=True),
)


def tool_tip(command: Command, reason: str) -> str:
    """Title, keys and, where the command is blocked, the reason."""
    keys = ", ".join(key_text(key) for key in command.keys)
    title = command.title.rstrip("…") + (f"  ({keys})" if keys else "")
    return f"{title}\n{reason}" if reason else title


def key_text(key: str) -> str:
    """A shortcut as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
