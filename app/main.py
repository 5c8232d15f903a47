"""Entry of the window: ``jndscope [VIDEO...] [--screenshot OUT.png]``.

Qt is imported inside functions: the child process that runs the model imports this module anew.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window; give the exit code (see `app.run.run`)."""
    multiprocessing.freeze_support()
    options = _parser().parse_args(argv)
    if options.screenshot and not options.video:
        print("jndscope: --screenshot takes the picture of an open video; name one.", file=sys.stderr)
        return 2
    if options.screenshot and not _has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.run import run

    return run(options.video, screenshot=options.screenshot, timings=options.timings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jndscope",
        description="See where an encode starts to show: JND levels of every frame of a video.",
    )
    parser.add_argument("video", nargs="*", type=Path, metavar="VIDEO", help="video to open")
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="OUT.png",
        help="open the video, analyse it, write the window's picture and exit",
    )
    parser.add_argument(
        "--timings",
        type=Path,
        metavar="FILE.json",
        help="write what the window measures of itself: first paint, longest stall, pace of the analysis",
    )
    return parser


def _has_display() -> bool:
    """Whether there is a screen; only Linux can be without."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    sys.exit(main())
