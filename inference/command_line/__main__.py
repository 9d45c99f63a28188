"""The command line as ``python -m conflictner.inference.command_line``."""

from . import main

if __name__ == "__main__":
    main()
