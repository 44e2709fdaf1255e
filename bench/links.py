"""A connection that can be cut: forwards bytes between whoever connects and a server, until it is told not to."""

import socket
import threading
from contextlib import suppress

Address = tuple[str, int] | str
"""Host and port, or the path of a socket."""


class Link:
    """Listens on an address of its own until the process ends. While it is cut nobody gets through: those that were are
    dropped, and who comes is refused. While it is hushed nobody is told: what is sent goes nowhere, and once it is
    mended the connections of that time are dropped, as a network does that lost their packets."""

    def __init__(self, own: Address, target: Address) -> None:
        self._target = target
        self._cut = self._hushed = False
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._listener = _socket(own)
        self._listener.bind(own)
        self._listener.listen(128)
        threading.Thread(target=self._take, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._cut = True
            ends, self._ends = self._ends, []
        for end in ends:
            _close(end)

    def hush(self) -> None:
        with self._lock:
            self._hushed = True

    def mend(self) -> None:
        if self._hushed:
            self.cut()
        with self._lock:
            self._cut = self._hushed = False

    def _take(self) -> None:
        while True:
            caller, _ = self._listener.accept()
            server = _socket(self._target)
            try:
                server.connect(self._target)
            except OSError:
                _close(caller)
                continue
            with self._lock:
                through = not self._cut
                if through:
                    self._ends += [caller, server]
            if not through:
                _close(caller)
                _close(server)
                continue
            for here, there in ((caller, server), (server, caller)):
                threading.Thread(target=self._forward, args=(here, there), daemon=True).start()

    def _forward(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                if not self._hushed:
                    there.sendall(data)
        _close(here)
        _close(there)


def _socket(address: Address) -> socket.socket:
    return socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET, socket.SOCK_STREAM)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
