"""``python -m planner``: the command line where its script is not on the path."""

from planner.cli import main

# worker processes of a sweep import this module again, under another name
if __name__ == "__main__":
    main()
