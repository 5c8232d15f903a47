"""Asking where an analysis goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

FORMATS = {"Parquet (*.parquet)": ".parquet", "CSV (*.csv)": ".csv", "JSON (*.json)": ".json"}
"""Endings that the results can be written with, by the name that the user chooses from."""


def ask_target(video: Path, parent: QWidget) -> Path | None:
    """Let the user name a file, beside `video` unless another place is chosen; None when given up.

    The name gets the ending of the chosen format unless it has that of a format already: in
    ``film.1080p`` the last part is none.
    """
    dialog = QFileDialog(parent, "Save Analysis As", str(video.parent), ";;".join(FORMATS))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(".parquet")
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(FORMATS[kind]))
    dialog.selectFile(f"{video.stem}.parquet")
    accepted, names, kind = dialog.exec(), dialog.selectedFiles(), dialog.selectedNameFilter()
    dialog.deleteLater()
    if not accepted or not names:
        return None
    named = Path(names[0])
    target = with_ending(named, FORMATS[kind])
    if target != named and target.exists() and not _replace(target, parent):
        return None  # the dialog asked about the name without its ending only
    return target


def with_ending(path: Path, ending: str) -> Path:
    """`path`, with `ending` behind it unless it has the ending of a format."""
    return path if path.suffix.lower() in FORMATS.values() else path.with_name(path.name + ending)


def _replace(target: Path, parent: QWidget) -> bool:
    question = f"{target.name} is there already. Replace it?"
    answer = QMessageBox.question(parent, "Save Analysis As", question)
    return answer == QMessageBox.StandardButton.Yes
