"""The command line, run inside this process: starting a new one for each command costs seconds."""

import structlog
from typer.testing import CliRunner

from workers.cli import app


def flitsketen(*words: str, **environment: str) -> tuple[int, str]:
    """The exit code, and what was printed; settings as in the environment, without their prefix."""
    named = {f"FLITSKETEN_{name.upper()}": value for name, value in environment.items()}
    try:
        done = CliRunner().invoke(app, words, env={"COLUMNS": "200", **named})
    finally:
        # A command sends the logs to its own standard error, which is closed by now.
        structlog.reset_defaults()
    return done.exit_code, done.output
