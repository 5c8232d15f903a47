"""JND levels of video: reading, predicting, storing. No Qt anywhere in here."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("jndscope")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
