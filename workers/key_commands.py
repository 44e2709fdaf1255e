"""`flitsketen keys`: the keys that wrap the keys of cases, and the one that signs."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core import audit
from core.errors import Conflict
from core.installation_key import InstallationKey, read_key
from core.settings import Settings
from workers.bootstrap import build
from workers.shell import OPERATOR

app = typer.Typer(help="The installation's keys.", no_args_is_help=True)

_console = Console(width=160)


@app.command("list")
def list_keys() -> None:
    """How many cases each key wraps: one that wraps none is needed no more."""
    table = Table("key", "cases")
    for name, count in sorted(build(Settings()).blobs.wrapped_by().items()):
        table.add_row(name or "the master key, from before there were others", str(count))
    _console.print(table)


@app.command()
def rewrap() -> None:
    """Wrap all keys of cases with the newest key; can be broken off and begun again."""
    system = build(Settings())
    count = system.blobs.rewrap()
    with system.units.begin(OPERATOR) as uow:
        uow.record("core", "keys.rewrapped", "installation", "keys", "a newer key", {"cases": count})
        uow.commit()
    _console.print(f"The keys of {count} cases were wrapped anew.")


@app.command()
def signing() -> None:
    """The signing keys (public, hexadecimal): the present one first, and how long each one's count."""
    system = build(Settings())
    with system.database.read_session() as session:
        known = system.signing.known(session).until
    table = Table("public key", "its signatures count")
    for name, until in known.items():
        table.add_row(name, f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until it is replaced")
    _console.print(table)


@app.command("change-signing")
def change_signing(
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The new Ed25519 private key (PEM)")],
    minutes: Annotated[
        int, typer.Option(min=0, help="How long signatures of the former key count still, for processes that run")
    ] = 60,
) -> None:
    """Let a new signing key take over; then start every process with FLITSKETEN_SIGNING_KEY_FILE of the new one.

    The new key signs the heads of the audit log at once: who has the former one cannot change what was before.
    """
    system = build(Settings())
    try:
        successor = InstallationKey(read_key(new))
        with system.units.begin(OPERATOR) as uow:
            now = uow.clock.now()
            uow.add(system.signing.succeeded_by(uow.session, successor, now + timedelta(minutes=minutes)))
            uow.commit()
        with system.database.write_session() as session:
            audit.checkpoint(session, successor, now)
            session.commit()
    except (ValueError, Conflict) as error:
        _console.print(str(error))
        raise typer.Exit(1) from error
    _console.print(
        f"Signatures of the former key count for {minutes} minutes more: start every process with the new one before"
        " then, and publish what `flitsketen evidence key` prints.",
        soft_wrap=True,
    )
