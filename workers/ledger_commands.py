"""`flitsketen ledger`: check the books, close a day, report a month."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.errors import DomainError
from core.settings import Settings
from workers.bootstrap import build
from workers.shell import BOOKKEEPER

app = typer.Typer(help="The books.", no_args_is_help=True)


@app.command("check")
def check(as_json: Annotated[bool, typer.Option("--json", help="One JSON object per finding.")] = False) -> None:
    """Balanced, no line without a movement, states as the ledger has them; exits 1 where one of these fails."""
    findings = build(Settings()).services.fines.books.check()
    for finding in findings:
        typer.echo(json.dumps(asdict(finding)) if as_json else f"{finding.kind} {finding.subject}: {finding.detail}")
    if findings:
        raise typer.Exit(1)
    if not as_json:
        typer.echo("The ledger is in order.")


@app.command("close")
def close(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The last day to close.")],
) -> None:
    """Close the books of a day and all before it."""
    try:
        build(Settings()).services.fines.books.close(BOOKKEEPER, day.date())
    except DomainError as error:
        raise typer.BadParameter(error.detail) from error
    typer.echo(f"Closed up to {day.date()}.")


@app.command("report")
def report(
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="The month, as 2026-09.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Name and number, a line each.")] = False,
) -> None:
    """Issued, paid by age, appealed, annulled and outstanding in a month."""
    found = build(Settings()).services.fines.books.month(month.date())
    if as_csv:
        typer.echo(found.as_csv(), nl=False)
        return
    table = Table("", "count", "euro cents", title=f"{month:%Y-%m}")
    for row in found.rows():
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
