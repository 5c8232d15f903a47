"""``python -m jndcore`` is the command `jnd`."""

from jndcore.cli import main

if __name__ == "__main__":
    main()
