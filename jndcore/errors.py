"""The error that a user reads."""


class JNDError(Exception):
    """One sentence for the user: it names the file, what is wrong and what to do.

    The terminal prints it and exits with 2; the window shows it in a dialog. Every room raises
    this class or a subclass for bad input; anything else that escapes is a defect.
    """
