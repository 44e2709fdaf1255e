"""Generates the typed Python client of the API from its own description, into a folder."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from core.logging import configure_logging
from core.settings import Settings
from workers.bootstrap import build
from workers.migrate import migrate


def generate(description: Path, out: Path) -> None:
    """The package `flitsketen_client` below `out`."""
    command = [
        str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--path", str(description),
        "--config", str(Path(__file__).with_name("client.yaml")), "--output-path", str(out), "--overwrite",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    configure_logging("ERROR")
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        description = Path(folder) / "openapi.json"
        description.write_text(json.dumps(create_app(build(settings).services).openapi()))
        generate(description, out)


if __name__ == "__main__":
    main()
