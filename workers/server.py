"""The HTTP server, as a process of its own or inside another one."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from core.logging import configure_logging
from core.settings import Settings
from core.tracing import configure_tracing
from workers.bootstrap import System, build

# Access logs are off: they would hold what a caller typed into a URL.
_QUIET: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}


def run(system: System, host: str, port: int) -> None:
    """Serve from this process until told to stop."""
    _server(create_app(system.services), host, port).run()


def _server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(uvicorn.Config(app, host=host, port=port, **_QUIET))


def application() -> FastAPI:
    """The service over parts of its own, by the environment: each process of a server of several makes one."""
    settings = Settings()
    configure_logging()
    configure_tracing(settings, "server")
    return create_app(build(settings).services)


def run_processes(host: str, port: int, count: int) -> None:
    """Serve from several processes until told to stop; one that dies is replaced."""
    # On a busy machine a process may not answer for long while it loads: that is no reason to begin it anew.
    options = _QUIET | {"timeout_worker_healthcheck": 60}
    uvicorn.run("workers.server:application", factory=True, workers=count, host=host, port=port, **options)


def usable_port(wanted: int = 0) -> int:
    """The wanted port if nobody listens there, else a free one."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def running(system: System, port: int = 0) -> AbstractContextManager[str]:
    """The service, as `serving` does."""
    return serving(create_app(system.services), port)


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve on loopback while the block runs; yields the base URL. Port 0 takes a free one."""
    # With the protocol named, asyncio turns off waiting for acknowledgements (Nagle) on its connections.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = _server(app, "127.0.0.1", listener.getsockname()[1])
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        # The socket listens already: a request waits until the server is up.
        listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
