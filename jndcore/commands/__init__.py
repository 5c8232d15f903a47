"""Commands of `jnd` that are too long to stand in `jndcore.cli` itself."""
