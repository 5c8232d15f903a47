"""Threads: playback with its own reader, the child process's keeper, export, imports ahead of need."""
