"""What the tests of reasons share with those of the command line."""

from tests.cli.conftest import planned, request_path, run

__all__ = ["planned", "request_path", "run"]
