"""The agent at a camera: nothing is sent twice, and nothing goes before there is a receipt."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from core.clock import SettableClock
from core.errors import Conflict, NotAllowed, Unavailable
from ingest.agent import identity
from ingest.agent.sender import Agent
from ingest.agent.spool import Spool
from tests.commands import flitsketen
from tests.conftest import embedded_world, eventually
from tests.ingest.camera_side import send_all, write_capture
from tests.world import World, jpeg
from workers.demo_world import all_fates
from workers.server import running, usable_port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A service that runs by the real time, as the agent does, and knows the camera of the world."""
    (tmp_path / "service").mkdir()
    world = embedded_world(tmp_path / "service", SettableClock(datetime.now(UTC), running=True))
    _ = world.camera
    with running(world.system) as url:
        yield world, url


@pytest.fixture
def camera(served: tuple[World, str], tmp_path: Path) -> Path:
    """The folder of the agent, enrolled as the world's camera by a code of its own."""
    world, url = served
    code = world.post("/v1/handlers/cameras/cam-1/enrolment-codes", 201)["code"]
    identity.enrol(tmp_path / "camera", url, code)
    return tmp_path / "camera"


def ids(world: World) -> list[str]:
    return sorted(fate["captureId"] for fate in all_fates(world.get))


def write(world: World, camera: Path, *names: str) -> None:
    for name in names:
        write_capture(camera, world.camera.profile, name)


def test_what_the_device_writes_is_signed_sent_and_receipted(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a", "b", "c")
    counts = send_all(camera)
    assert (counts.sent, counts.waiting, counts.refused) == (3, 0, 0)
    assert ids(world) == ["a", "b", "c"]
    assert list((camera / "incoming").iterdir()) == list((camera / "spool").iterdir()) == []
    [receipt] = [json.loads(path.read_text()) for path in (camera / "receipts").glob("a.json")]
    assert receipt["status"] == "accepted"


def test_the_service_hears_how_the_camera_does(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    send_all(camera)
    [found] = world.get("/v1/handlers/cameras")
    assert abs(found["driftMs"]) < 10_000
    assert found["software"] == "flitsketen agent 1"


def test_a_receipt_that_was_lost_is_given_again_and_the_capture_counts_once(
    served: tuple[World, str], camera: Path
) -> None:
    """The power fails after the service took it in, and before the agent wrote that down."""
    world, url = served
    write(world, camera, "a")
    spool = Spool(camera)
    spool.take_up(identity.load(camera))
    [waiting] = spool.waiting()
    files = {
        "metadata": waiting.metadata, "signature": waiting.signature, "images": waiting.images[0].read_bytes(),
    }  # fmt: skip
    assert httpx.post(f"{url}/v1/captures", files=files, trust_env=False).status_code == 201
    spool.close()
    assert send_all(camera).sent == 1
    assert ids(world) == ["a"]


def test_what_has_its_receipt_is_not_sent_again(served: tuple[World, str], camera: Path) -> None:
    """The power fails after the receipt was written, and before the capture was cleared away."""
    world, _ = served
    write(world, camera, "a")
    spool = Spool(camera)
    spool.take_up(identity.load(camera))
    shutil.copytree(camera / "spool/a", camera / "kept")
    spool.close()
    send_all(camera)
    shutil.copytree(camera / "kept", camera / "spool/a")
    spool = Spool(camera)
    assert list(spool.waiting()) == []
    assert list((camera / "spool").iterdir()) == []
    spool.close()


def test_a_capture_that_was_half_signed_is_signed_anew(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a")
    (camera / "spool/.new-a").mkdir(parents=True)
    (camera / "spool/.new-a/0.jpg").write_bytes(b"half")
    assert send_all(camera).sent == 1


def test_a_device_that_repeats_itself_is_heard_once(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a")
    said = (camera / "incoming/a.json").read_bytes()
    assert send_all(camera).sent == 1
    write(world, camera, "a")
    (camera / "incoming/a.json").write_bytes(said)
    counts = send_all(camera)
    assert (counts.sent, counts.refused) == (1, 0)


def test_an_id_that_is_used_for_something_else_is_set_aside(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a")
    send_all(camera)
    write(world, camera, "a")
    assert send_all(camera).refused == 1
    why = json.loads((camera / "refused/incoming-a/problem.json").read_text())
    assert "captureId" in why["detail"]
    assert ids(world) == ["a"]


@pytest.mark.parametrize("said", ["", "{", "[]", '{"captureId": "../a", "photos": []}', '{"captureId": "a"}', "1e999"])
def test_what_is_no_capture_is_set_aside_and_does_not_stop_the_others(
    served: tuple[World, str], camera: Path, said: str
) -> None:
    world, _ = served
    write(world, camera, "b")
    (camera / "incoming/a.json").write_text(said)
    counts = send_all(camera)
    assert (counts.sent, counts.refused) == (1, 1)
    assert (camera / "refused/incoming-a/a.json").read_text() == said


def test_what_the_service_refuses_for_good_is_kept_with_the_reason(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write_capture(camera, world.camera.profile, "a", image=jpeg()[:-4000])
    counts = send_all(camera)
    assert (counts.sent, counts.waiting, counts.refused) == (0, 0, 1)
    problem = json.loads((camera / "refused/a/problem.json").read_text())
    assert problem["type"] == "urn:flitsketen:problem:jpeg-truncated"
    assert (camera / "refused/a/0.jpg").exists()


def test_a_service_that_is_away_gets_it_when_it_is_back(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a")
    port = usable_port()
    who = replace(identity.load(camera), url=f"http://127.0.0.1:{port}")
    sender = threading.Thread(target=send_all, args=(camera, who))
    sender.start()
    with running(world.system, port):
        sender.join(30)
    assert not sender.is_alive()
    assert ids(world) == ["a"]


def test_where_there_is_no_room_it_waits_and_keeps_everything(served: tuple[World, str], camera: Path) -> None:
    world, _ = served
    write(world, camera, "a")
    world.system.settings.captures_per_minute = 0
    stop = threading.Event()
    spool = Spool(camera)
    agent = Agent(identity.load(camera), spool, lambda _: stop.set(), 1, 0.05)
    agent.run(stop)
    assert spool.counts().waiting == 1
    spool.close()


def test_a_disk_that_fails_at_the_camera_ends_nothing(served: tuple[World, str], camera: Path) -> None:
    """The receipt cannot be written: the capture stays, and goes when it can."""
    world, _ = served
    write(world, camera, "a")
    spool = Spool(camera)
    receipts = camera / "receipts"
    receipts.rmdir()
    receipts.write_text("no folder")
    stop = threading.Event()
    agent = threading.Thread(target=Agent(identity.load(camera), spool, lambda _: None, 1, 0.05).run, args=(stop,))
    agent.start()
    eventually(lambda: ids(world) == ["a"], 20, "the capture is there")
    assert spool.counts().waiting == 1
    receipts.unlink()
    receipts.mkdir()
    eventually(lambda: spool.counts().waiting == 0, 20, "nothing waits")
    stop.set()
    agent.join()
    spool.close()
    assert (receipts / "a.json").exists()


def test_two_agents_do_not_work_in_one_folder(served: tuple[World, str], camera: Path) -> None:
    spool = Spool(camera)
    with pytest.raises(Conflict):
        Spool(camera)
    spool.close()


def test_a_camera_takes_another_key_and_what_waits_by_the_old_one_is_still_good(
    served: tuple[World, str], camera: Path
) -> None:
    world, _ = served
    write(world, camera, "a")
    spool = Spool(camera)
    spool.take_up(identity.load(camera))
    spool.close()
    before = identity.load(camera).key
    after = identity.change_key(camera).key
    assert before.public_key() != after.public_key()
    world.clock.advance(timedelta(seconds=2))
    write(world, camera, "b")
    assert send_all(camera).sent == 2


def test_a_key_whose_answer_was_lost_is_taken_when_asked_again(served: tuple[World, str], camera: Path) -> None:
    old = (camera / "key.pem").read_bytes()
    identity.change_key(camera)
    new = (camera / "key.pem").read_bytes()
    (camera / "next.pem").write_bytes(new)
    (camera / "key.pem").write_bytes(old)
    identity.change_key(camera)
    assert (camera / "key.pem").read_bytes() == new


def test_a_wrong_code_and_a_service_that_is_away_are_told_apart(served: tuple[World, str], tmp_path: Path) -> None:
    _, url = served
    with pytest.raises(NotAllowed, match="not known"):
        identity.enrol(tmp_path / "other", url, "A" * 32)
    with pytest.raises(Unavailable):
        identity.enrol(tmp_path / "other", f"http://127.0.0.1:{usable_port()}", "A" * 32)


def test_by_the_command_line_from_announcement_to_receipt(served: tuple[World, str], tmp_path: Path) -> None:
    world, url = served
    settings = {"data_dir": str(world.folder)}
    _, code = flitsketen("camera", "announce", "cam-2", "Test Radar", **settings)
    folder = str(tmp_path / "second")
    done, said = flitsketen("camera", "enrol", url, code.strip().splitlines()[-1], "--folder", folder)
    assert (done, said.splitlines()[-1]) == (0, f"cam-2 is enrolled; its key is in {folder}.")
    write_capture(Path(folder), world.camera.profile, "a")
    done, said = flitsketen("camera", "agent", "--folder", folder, "--once", "--look-every", "0.05")
    assert done == 0
    # Nobody put this camera up anywhere: the service holds it, and so does the agent.
    assert "0 sent, 0 waiting, 1 refused" in said
    done, said = flitsketen("camera", "new-key", "--folder", folder)
    assert (done, said.splitlines()[-1]) == (0, "cam-2 signs with another key now.")
