"""What an operator asks of a running installation: how much waits, how old it is, what was done, by whom it is led."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingest.simulator.network import push, sign_capture
from tests.chain.installation import Installation, scale_out
from tests.conftest import NOON, eventually
from tests.world import PLATE, jpeg, keeper_of
from workers.server import usable_port

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def stopped(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    found = scale_out(tmp_path, request.getfixturevalue, retry_base_seconds="0.2")
    yield found
    found.stop_all()
    found.http.close()


def scraped(port: int) -> tuple[Samples, str]:
    """As Prometheus reads them: by name and labels."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=30)
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    return samples, answer.text


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((f"flitsketen_{name}", tuple(sorted(labels.items()))), 0.0)


def test_metrics_say_what_waits_and_what_was_done_and_name_nobody(stopped: Installation) -> None:
    ports = {name: usable_port() for name in ("server", "relay", "worker")}
    stopped.register([keeper_of(PLATE.text)])
    stopped.start("server", metrics_port=str(ports["server"]))
    stopped.wait_for_server()
    for number in range(3):
        assert push(stopped.http, sign_capture(stopped.camera, f"m{number}", NOON, "72.4", [jpeg()])).status_code == 201
    assert stopped.http.get("/v1/case-of-JANSEN").status_code == 404
    found, text = scraped(ports["server"])
    assert of(found, "packages_total", outcome="accepted") == 3
    assert of(found, "queue_waiting", queue="imaging") == 3
    assert of(found, "request_seconds_count", method="POST", route="/v1/captures", status="201") == 3
    assert of(found, "request_seconds_count", method="GET", route="none", status="404") == 1
    assert of(found, "intake_open") == 1
    assert not {word for word in (PLATE.text, "JANSEN", "cam-1") if word in text}

    stopped.start("relay", metrics_port=str(ports["relay"]))
    stopped.start("worker", metrics_port=str(ports["worker"]))
    stopped.settle()
    found, text = scraped(ports["worker"])
    assert of(found, "job_seconds_count", queue="imaging", job="imaging.read_plate", state="done") == 3
    assert of(found, "queue_waiting", queue="imaging") == 0
    assert PLATE.text not in text
    eventually(lambda: of(scraped(ports["relay"])[0], "chore_well", chore="pass-terms") == 1, 30, "terms were passed")


def test_several_processes_of_one_server_are_counted_together(stopped: Installation) -> None:
    port = usable_port()
    stopped.commands["server"] += ["--processes", "2"]
    stopped.start("server", metrics_port=str(port))
    stopped.wait_for_server()
    for number in range(8):
        with httpx.Client(base_url=stopped.url, trust_env=False) as http:
            assert push(http, sign_capture(stopped.camera, f"p{number}", NOON, "72.4", [jpeg()])).status_code == 201
    assert of(scraped(port)[0], "packages_total", outcome="accepted") == 8
