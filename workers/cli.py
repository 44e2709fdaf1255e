"""`flitsketen`: every process and every chore from one command."""

import contextlib
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from core.logging import configure_logging
from core.roles import OUTSIDE_ROLES, ROLES
from core.settings import QueueBackend, Settings
from core.tracing import configure_tracing
from workers import (
    backup_commands,
    camera_commands,
    evidence_commands,
    key_commands,
    law_commands,
    ledger_commands,
    photo_commands,
    retention_commands,
    rq_worker,
)
from workers.audit_report import verify_audit
from workers.bootstrap import build
from workers.chores import checkpoint
from workers.doctor import Grade, examine
from workers.exposition import expose, exposed_together
from workers.loops import EmbeddedWorker, relay_forever
from workers.migrate import migrate
from workers.queues import QUEUES
from workers.shell import OPERATOR

app = typer.Typer(help="From speed camera to court.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit log.", no_args_is_help=True)
system_app = typer.Typer(help="Systems that call by themselves.", no_args_is_help=True)
handler_app = typer.Typer(help="People who work with the system.", no_args_is_help=True)
for name, group in (
    ("backup", backup_commands.app),
    ("camera", camera_commands.app),
    ("audit", audit_app),
    ("handler", handler_app),
    ("system", system_app),
    ("evidence", evidence_commands.app),
    ("law", law_commands.app),
    ("ledger", ledger_commands.app),
    ("retention", retention_commands.app),
    ("keys", key_commands.app),
):
    app.add_typer(group, name=name)

app.command("read")(photo_commands.read)
app.command("verify")(evidence_commands.verify)
app.command("redact")(photo_commands.redact)

console = Console(width=None if sys.stdout.isatty() else 160)


@app.callback()
def _start() -> None:
    configure_logging()


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    migrate(Settings())


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    processes: Annotated[int, typer.Option(help="At scale: how many serve on this machine.", min=1)] = 1,
) -> None:
    """Serve HTTP; in the embedded default also migrate, run the jobs and the scheduler."""
    # Only who serves needs the pages and the API: all others begin a second sooner without.
    from workers import server  # noqa: PLC0415

    settings = Settings()
    embedded = settings.queue is QueueBackend.EMBEDDED
    if processes > 1:
        if embedded:
            raise typer.BadParameter("the embedded default is one process: several need FLITSKETEN_QUEUE=rq")
        with exposed_together(settings):
            server.run_processes(host, port, processes)
        return
    if embedded:
        migrate(settings)
    system = build(settings)
    expose(settings, system.services)
    configure_tracing(settings, "server")
    worker = EmbeddedWorker(system) if embedded else None
    if worker is not None:
        worker.start()
    server.run(system, host, port)
    if worker is not None:
        worker.stop()


@app.command()
def worker(
    queue: Annotated[
        list[str] | None, typer.Option(help=f"Only these, the first before the others: {', '.join(QUEUES)}.")
    ] = None,
) -> None:
    """Run jobs from Redis (scale-out); without --queue those of all queues."""
    if unknown := set(queue or ()) - set(QUEUES):
        raise typer.BadParameter(f"queues are: {', '.join(QUEUES)}; not {', '.join(sorted(unknown))}")
    rq_worker.work(Settings(), queue or list(QUEUES))


@app.command()
def relay() -> None:
    """Move messages from the outbox to Redis and pass terms that are due (scale-out)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    system = build(Settings())
    expose(system.settings, system.services)
    configure_tracing(system.settings, "relay")
    relay_forever(system, stop)


@app.command()
def doctor() -> None:
    """Look at this set-up: what is wrong, and how to mend it; exits 1 where something is."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(step) for step in fault["loc"]).upper()
            console.print(f"[bold red]wrong[/] settings: {f'FLITSKETEN_{name}: ' if name else ''}{fault['msg']}")
        raise typer.Exit(1) from None
    colours = {Grade.WELL: "green", Grade.DOUBTFUL: "yellow", Grade.WRONG: "bold red"}
    grades = set()
    for found in examine(settings):
        grades.add(found.grade)
        remedy = f"\n  → {found.remedy}" if found.remedy else ""
        console.print(f"[{colours[found.grade]}]{found.grade:8}[/] {found.subject}: {escape(found.seen + remedy)}")
    if Grade.WRONG in grades:
        raise typer.Exit(1)


@app.command()
def demo(
    photos: Annotated[Path | None, typer.Option(help="Folder of photographs with truth.csv.")] = None,
    folder: Annotated[Path, typer.Option(help="Fresh folder for everything the demo makes.")] = Path("demo-data"),
    port: int = 8000,
    serve: Annotated[bool, typer.Option(help="Stay up at the end.", envvar="SERVE")] = False,
) -> None:
    """Run the whole chain on photographs."""
    from workers import demo as whole_chain  # noqa: PLC0415 - it serves

    def wait(_: str, token: str) -> None:
        console.print(f"Handler's token: [bold]{token}[/]  Stop with Ctrl-C.")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()

    configure_logging("ERROR")
    if not whole_chain.run(console, folder.absolute(), photos, port, wait if serve else None):
        raise typer.Exit(1)


@audit_app.command("verify")
def audit_verify(
    data_dir: Annotated[Path | None, typer.Option(help="Instead of FLITSKETEN_DATA_DIR.")] = None,
) -> None:
    """Check chain, seals, states and signed checkpoints; exits 1 and names what was altered."""
    settings = Settings(data_dir=data_dir) if data_dir else Settings()
    if not verify_audit(build(settings), console):
        raise typer.Exit(1)


@audit_app.command("checkpoint")
def audit_checkpoint() -> None:
    """Sign the head of each partition now."""
    console.print(f"Signed {checkpoint(build(Settings()))} partitions.")


@system_app.command("add")
def add_system(name: str, roles: Annotated[list[str], typer.Option("--role")], keys: Path) -> None:
    """Register a system by its public keys (a JWK set); prints its client id."""
    _check_roles(roles)
    console.print(build(Settings()).services.clients.register(OPERATOR, name, set(roles), keys.read_bytes()))


@system_app.command("keys")
def change_keys(client_id: str, keys: Path) -> None:
    """From now on these keys of a system count, and no others."""
    build(Settings()).services.clients.change_keys(OPERATOR, client_id, keys.read_bytes())


def _check_roles(roles: list[str]) -> None:
    known = [*ROLES, *OUTSIDE_ROLES]
    if not set(roles) <= set(known):
        raise typer.BadParameter(f"roles are: {', '.join(known)}")
    if set(roles) & set(OUTSIDE_ROLES) and set(roles) & set(ROLES):
        raise typer.BadParameter("who acts for others does not work here as well")


@handler_app.command("log-out")
def log_out_handler(principal_id: str, reason: str) -> None:
    """End all logins of a person; the person can log in again."""
    console.print(build(Settings()).services.principals.end_logins(OPERATOR, principal_id, reason))


@handler_app.command("end")
def end_handler(principal_id: str, reason: str) -> None:
    """A person has left, or a system is not to call any more: token, keys and logins open nothing from here on."""
    build(Settings()).services.principals.end(OPERATOR, principal_id, reason)


@handler_app.command("add")
def add_handler(name: str, roles: Annotated[list[str], typer.Option("--role")]) -> None:
    """Register a person; the token is shown once."""
    _check_roles(roles)
    console.print(build(Settings()).services.principals.register(OPERATOR, name, set(roles)))
