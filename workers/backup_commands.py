"""`flitsketen backup`: make one, lay one down, and look whether an installation is whole."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from core.settings import Settings
from workers import backup
from workers.audit_report import verify_audit
from workers.bootstrap import build

app = typer.Typer(help="Backups.", no_args_is_help=True)

console = Console()


@app.command("make")
def make(place: Annotated[Path, typer.Argument(help="Where backups lie; photos there are not copied twice.")]) -> None:
    """Make a backup while the installation runs. The keys are not in it."""
    system = build(Settings())
    try:
        folder, made = backup.make(system.database, system.blobs, place)
    except backup.BackupFailed as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{folder}: {made.kind}, {made.photos} files of photos and documents, {made.new_photos} of them new")


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The backup.")],
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    write_ahead_log: Annotated[
        Path | None, typer.Option("--wal", exists=True, file_okay=False, help="Where PostgreSQL archived its log.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="UTC; otherwise to the last that was archived.")] = None,
) -> None:
    """Lay a backup's database down, for a server to be started on."""
    try:
        made = backup.restore(folder, target, write_ahead_log, until.replace(tzinfo=UTC) if until else None)
    except backup.BackupFailed as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{target} is of {made.began_at}. Photos lie beside the backup in `photos`: name them in the settings.")


@app.command("put-back")
def put_back(photos: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Copy a backup's photos and documents into the store of this installation, those that it lacks."""
    new, count = build(Settings()).blobs.copy_from(photos)
    typer.echo(f"{new} of {count} files were put back")


@app.command("verify")
def verify(
    sample: Annotated[int, typer.Option(help="Captures whose originals are read; 0: all.")] = 0,
) -> None:
    """Is this installation whole: audit log, evidence log, books and photos? Ends with 1 where not."""
    system = build(Settings())
    sound = verify_audit(system, console)
    findings = [
        *system.services.ingest.evidence_log.check(),
        *system.services.ingest.originals_check.unreadable(sample),
    ]
    findings += [f"{one.kind} {one.subject}: {one.detail}" for one in system.services.fines.books.check()]
    for finding in findings:
        typer.echo(finding)
    if findings or not sound:
        raise typer.Exit(1)
    typer.echo("Evidence log, photos and ledger are whole.")
