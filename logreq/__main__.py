"""`python -m logreq`."""

from logreq.cli import main

if __name__ == "__main__":
    main()
