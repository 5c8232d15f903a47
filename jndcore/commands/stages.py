"""Progress of work in named stages, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich import progress as bars
from rich.console import Console


@contextmanager
def shown_stages() -> Iterator[Callable[[str, float], None]]:
    """Give what is to be told a stage and the share of it done, 0..1; a bar for each stage."""
    stages = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,  # its thread would outlive the bars
    )
    tasks: dict[str, bars.TaskID] = {}

    def progress(stage: str, share: float) -> None:
        if stage not in tasks:
            tasks[stage] = stages.add_task(stage, total=1.0)
        stages.update(tasks[stage], completed=share, refresh=True)

    with stages:
        yield progress
