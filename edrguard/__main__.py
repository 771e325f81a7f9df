"""``python -m edrguard``."""

from edrguard.cli import main

if __name__ == "__main__":  # the documents' reader process imports this module too
    main()
