"""Commands about evidence: the published key, and whether a dossier is genuine."""

import json
from pathlib import Path
from typing import Annotated

import typer
from asn1crypto import pem
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from core.errors import InvalidInput
from core.settings import Settings
from ingest.verifier import faults, timestamped, unpacked
from workers.bootstrap import build

app = typer.Typer(help="The evidence log.", no_args_is_help=True)


@app.command("key")
def key() -> None:
    """The public keys (PEM) to publish, the present one first: with them anyone can check a dossier."""
    typer.echo(build(Settings()).services.ingest.evidence_log.public_keys().decode(), nl=False)


@app.command("heads")
def heads() -> None:
    """Every signed head of the log as JSON lines, to publish."""
    for head in build(Settings()).services.ingest.evidence_log.heads():
        typer.echo(json.dumps(head))


@app.command("sign")
def sign() -> None:
    """Sign the log as it is now, without waiting for the scheduler."""
    signed = build(Settings()).services.ingest.evidence_log.sign_head()
    typer.echo("signed" if signed else "nothing came since the last head")


@app.command("check")
def check() -> None:
    """Is every capture what was entered, and does each head grow from the one before? Ends with 1 where not."""
    found = build(Settings()).services.ingest.evidence_log.check()
    for fault in found:
        typer.echo(fault)
    if found:
        raise typer.Exit(1)
    typer.echo("The evidence log is whole.")


def verify(
    bundle: Annotated[Path, typer.Argument(exists=True, help="A dossier or bundle, as zip file or folder")],
    key_file: Annotated[
        Path, typer.Option("--key", exists=True, dir_okay=False, help="The published public keys (PEM)")
    ],
    roots_file: Annotated[
        Path | None,
        typer.Option(
            "--timestamp-roots", exists=True, dir_okay=False, help="Certificates (PEM) of the timestamp authority"
        ),
    ] = None,
) -> None:
    """Is a dossier or a bundle of photos genuine? Needs no database and no network.

    Ends with 1 where it is not, and says what changed.
    """
    roots = roots_file.read_bytes() if roots_file else None
    at = None
    try:
        files = unpacked(bundle)
        found = faults(files, _public_keys(key_file), roots)
        at = timestamped(files, roots) if roots else None
    except InvalidInput as error:
        found = [error.detail]
    for fault in found:
        typer.echo(fault)
    if found:
        raise typer.Exit(1)
    typer.echo(f"genuine, and there on {at.isoformat()}" if at else "genuine")


def _public_keys(path: Path) -> list[Ed25519PublicKey]:
    try:
        found = [load_der_public_key(der) for _, _, der in pem.unarmor(path.read_bytes(), multiple=True)]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise typer.BadParameter(f"{path} is no public key in PEM") from error
    keys = [key for key in found if isinstance(key, Ed25519PublicKey)]
    if len(keys) < len(found):
        raise typer.BadParameter(f"{path} has a key that is no Ed25519 key")
    return keys
