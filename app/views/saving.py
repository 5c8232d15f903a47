"""Asking where an analysis, or the files of a schedule, go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

FORMATS = {"Parquet (*.parquet)": ".parquet", "CSV (*.csv)": ".csv", "JSON (*.json)": ".json"}
"""Endings that the results can be written with, by the name that the user chooses from."""


ENCODES = {"MP4 (*.mp4)": ".mp4", "Matroska (*.mkv)": ".mkv", "QuickTime (*.mov)": ".mov"}
"""The same for an encode."""


def ask_target(video: Path, parent: QWidget) -> Path | None:
    """Let the user name a file for an analysis, beside `video` unless another place is chosen."""
    return _ask_file("Save Analysis As", video, "", FORMATS, parent)


def ask_encode(video: Path, kind: str, parent: QWidget) -> Path | None:
    """Let the user name an encode of `video`; `kind` tells in its name which one it is."""
    return _ask_file("Encode to File", video, f".{kind}", ENCODES, parent)


def _ask_file(title: str, video: Path, kind: str, formats: dict[str, str], parent: QWidget) -> Path | None:
    """Let the user name a file; None when given up.

    The name gets the ending of the chosen format unless it has that of a format already: in
    ``film.1080p`` the last part is none.
    """
    dialog = QFileDialog(parent, title, str(video.parent), ";;".join(formats))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(next(iter(formats.values())))
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(formats[chosen]))
    dialog.selectFile(f"{video.stem}{kind}{next(iter(formats.values()))}")
    accepted, names, chosen = dialog.exec(), dialog.selectedFiles(), dialog.selectedNameFilter()
    dialog.deleteLater()
    if not accepted or not names:
        return None
    named = Path(names[0])
    target = _with_ending(named, formats[chosen], formats.values())
    if target != named and target.exists():
        question = f"{target.name} is there already. Replace it?"
        if not _agreed(title, question, parent):  # the dialog asked about the name without its ending only
            return None
    return target


def ask_folder(video: Path, names: Iterable[str], parent: QWidget) -> Path | None:
    """Let the user choose a folder for files of these names; None when given up."""
    chosen = QFileDialog.getExistingDirectory(parent, "Write Files to Folder", str(video.parent))
    if not chosen:
        return None
    folder = Path(chosen)
    there = [name for name in dict.fromkeys(names) if (folder / name).exists()]
    if there:
        is_are = "is" if len(there) == 1 else "are"
        question = f"{', '.join(there)} {is_are} in {folder} already. Replace?"
        if not _agreed("Write Files to Folder", question, parent):
            return None
    return folder


def _with_ending(path: Path, ending: str, endings: Iterable[str]) -> Path:
    """`path`, with `ending` behind it unless it has one of `endings`."""
    return path if path.suffix.lower() in endings else path.with_name(path.name + ending)


def _agreed(title: str, question: str, parent: QWidget) -> bool:
    answer = QMessageBox.question(parent, title, question)
    return answer == QMessageBox.StandardButton.Yes
