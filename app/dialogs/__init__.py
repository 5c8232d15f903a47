"""Dialogs: one a file. None of them blocks the event loop."""
