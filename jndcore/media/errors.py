"""What the media room says when a file cannot be read or encoded."""

from jndcore.errors import JNDError


class MediaError(JNDError):
    """A file that cannot be read as video: one sentence with the file, what is wrong and what to do."""
