"""One trace from the camera's push to the letter, over HTTP, outbox, queues and workers, in which nobody is named."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.simulator.network import push, sign_capture
from tests.chain.installation import Installation, scale_out
from tests.conftest import NOON, eventually
from tests.world import PLATE, jpeg, keeper_of


class Collector:
    """What an OpenTelemetry collector takes in, over HTTP on loopback."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def names_by_trace(self) -> dict[bytes, list[str]]:
        found: dict[bytes, list[str]] = {}
        for body in list(self.received):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found.setdefault(span.trace_id, []).append(span.name)
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def running(request: pytest.FixtureRequest, tmp_path: Path, collector: Collector) -> Iterator[Installation]:
    found = scale_out(tmp_path, request.getfixturevalue, otlp_url=collector.url)
    found.start_all()
    yield found
    found.stop_all()
    found.http.close()


def test_a_push_and_all_that_follows_from_it_are_one_trace(running: Installation, collector: Collector) -> None:
    running.register([keeper_of(PLATE.text)])
    assert push(running.http, sign_capture(running.camera, "t1", NOON, "72.4", [jpeg()])).status_code == 201
    running.settle()
    expected = {
        "POST /v1/captures", "job ingest.log_evidence", "job imaging.read_plate", "job fines.decide",
        "job fines.make_letter",
    }  # fmt: skip

    def there() -> bool:
        return any(expected <= set(names) for names in collector.names_by_trace().values())

    eventually(there, 60, "one trace holds the push and its jobs")
    body = b"".join(collector.received)
    assert PLATE.text.encode() not in body
    assert b"Jansen" not in body
