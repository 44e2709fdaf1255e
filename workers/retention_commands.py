"""`flitsketen retention`: what is kept, and what was destroyed."""

import typer
from rich.console import Console
from rich.table import Table

from core.bag import readable_json
from core.settings import Settings
from workers.bootstrap import build

app = typer.Typer(help="How long what is kept.", no_args_is_help=True)

_console = Console(width=160)


@app.command()
def run() -> None:
    """Destroy what is due now, instead of within the quarter of an hour in which the scheduler does."""
    _console.print(f"{build(Settings()).services.retention.run()} cases were destroyed.")


@app.command()
def held() -> None:
    """How many cases are kept and by what, as it was counted last."""
    table = Table("kept by", "cases", "looked at again from", "counted at")
    for one in build(Settings()).services.retention.held():
        table.add_row(one.kept_by, str(one.cases), one.first_look.isoformat(), f"{one.counted_at:%Y-%m-%d %H:%M}")
    _console.print(table)


@app.command()
def proof(case_id: str) -> None:
    """The proof that a case was destroyed, signed with the key of the audit log; exits 1 where it was not."""
    system = build(Settings())
    found = system.services.retention.proof(case_id)
    if found is None:
        _console.print("This case was not destroyed.")
        raise typer.Exit(1)
    said = {name: getattr(found, name) for name in (*found.__sealed__, "blobs", "removed_at")}
    seal = system.services.ingest.evidence_log.seal(readable_json(said))
    typer.echo(readable_json({"proof": said, "signature_hex": seal}).decode())
