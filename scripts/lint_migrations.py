"""Looks at what migrations would tell PostgreSQL, and names what would stop a running installation: a lock that
everybody waits behind, a table written anew. By squawk, whose rules are at squawkhq.com/docs/rules.

A migration that says `STOPS_INTAKE` why it needs the installation to stand still is not looked at.
"""

import io
import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from core.settings import Settings
from workers.migrate import alembic_config

_FROM = "0026"
"""Those before were made when there was no installation yet."""
_EXCLUDED = (
    "require-statement-timeout",  # an index of ten million rows takes its time, beside the work
    "require-timeout-settings",
    "prefer-bigint-over-int",  # what can grow so far is one: an audit number; counts and cents are not
    "prefer-text-field",
    "prefer-identity",
    "prefer-robust-stmts",  # each migration is one transaction, but for an index, which may be repeated
)


def main() -> int:
    """The number of migrations with something to mend."""
    config = alembic_config(Settings())
    faulty = 0
    for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        if script.revision < _FROM or hasattr(script.module, "STOPS_INTAKE"):
            continue
        config.output_buffer = io.StringIO()
        command.upgrade(config, f"{script.down_revision}:{script.revision}", sql=True)
        if said := findings(script.revision, config.output_buffer.getvalue()):
            print(said)
            faulty += 1
    return faulty


def findings(revision: str, sql: str) -> str:
    """What the linter says of it; empty when all is well."""
    squawk = str(Path(sys.executable).with_name("squawk"))
    found = subprocess.run(
        [squawk, "--pg-version", "15.0", "--exclude", ",".join(_EXCLUDED), "--stdin-filepath", revision],
        input=sql, text=True, capture_output=True, check=False,
    )  # fmt: skip
    return (found.stdout or found.stderr) if found.returncode else ""


if __name__ == "__main__":
    raise SystemExit(main())
