"""Run the command line as ``python -m boxoffice``."""

from boxoffice.commands import main

if __name__ == "__main__":
    main()
