"""Honest figures of held-out predictions, beside what a network must beat: what ``jnd evaluate`` does."""

from jndcore.training.evaluation.records import Report, read_report
from jndcore.training.evaluation.run import evaluate
from jndcore.training.evaluation.table import markdown

__all__ = ["Report", "evaluate", "markdown", "read_report"]
