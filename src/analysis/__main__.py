"""`python -m analysis` does what `mutual-value` does."""

from analysis.cli import main

if __name__ == "__main__":
    main()
