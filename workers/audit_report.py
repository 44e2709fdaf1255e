"""`audit verify`: says that the log is sound, or names the first altered record of each partition."""

from rich.console import Console

from core import audit
from workers.bootstrap import System, sealed_models


def verify_audit(system: System, console: Console) -> bool:
    """True when nothing was altered."""
    count = 0
    faults: list[audit.Fault] = []
    with system.database.read_session() as session:
        for item in audit.verify(session, system.signing.known(session), sealed_models()):
            if isinstance(item, audit.Fault):
                faults.append(item)
            else:
                count = item
    for fault in faults:
        console.print(
            f"[red]ALTERED[/] partition {fault.partition}, record {fault.seq}: {fault.problem}",
            soft_wrap=True,
        )
    if not faults:
        console.print(f"Audit log: {count} records, chain, seals and checkpoints are [green]sound[/].")
    return not faults
