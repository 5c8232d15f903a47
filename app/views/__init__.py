"""Widgets that watch the state: one a file."""
