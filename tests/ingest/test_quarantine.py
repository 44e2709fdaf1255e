"""The quarantine desk: nothing is dropped silently, and what is released is taken in by the rules."""

from datetime import timedelta

from tests.world import World, jpeg


def held(world: World) -> str:
    [item] = world.get("/v1/handlers/quarantined-packages?state=held")
    return str(item["id"])


def release(world: World, package_id: str, status: int) -> dict[str, str]:
    return dict(world.post(f"/v1/handlers/quarantined-packages/{package_id}/releases", status, reason="looked at it"))


def test_what_came_too_late_is_let_through_by_a_person_and_says_so(world: World) -> None:
    capture = world.signed()
    world.clock.advance(timedelta(days=31))
    assert world.push(capture).json()["type"] == "urn:flitsketen:problem:captured-too-long-ago"
    receipt = release(world, held(world), 201)
    assert receipt["captureId"] == capture.capture_id
    [item] = world.get("/v1/handlers/quarantined-packages")
    assert (item["state"], item["releasedAs"]) == ("released", receipt["id"])


def test_a_broken_photo_stays_broken(world: World) -> None:
    world.push(world.signed(images=[jpeg()[:-4000]]))
    assert release(world, held(world), 400)["type"] == "urn:flitsketen:problem:jpeg-truncated"
    assert world.get("/v1/handlers/captures") == []


def test_a_released_package_is_not_released_again(world: World) -> None:
    capture = world.signed()
    world.clock.advance(timedelta(days=31))
    world.push(capture)
    package_id = held(world)
    release(world, package_id, 201)
    release(world, package_id, 409)
    assert len(world.get("/v1/handlers/captures")) == 1


def test_a_discarded_package_is_not_released(world: World) -> None:
    world.push(world.signed(images=[jpeg()[:-4000]]))
    package_id = held(world)
    world.post(f"/v1/handlers/quarantined-packages/{package_id}/discards", 204, reason="no evidence")
    release(world, package_id, 409)


def test_they_are_counted_by_reason_and_camera(world: World) -> None:
    for cut in (4000, 4001):
        world.push(world.signed(images=[jpeg()[:-cut]]))
    world.push(world.signed(images=[b"no photo"]))
    assert world.get("/v1/handlers/quarantine-counts") == [
        {"cameraId": "cam-1", "code": "jpeg-truncated", "count": 2},
        {"cameraId": "cam-1", "code": "not-jpeg", "count": 1},
    ]
    [one] = world.get("/v1/handlers/quarantined-packages?cameraId=cam-1&reason=not-jpeg")
    assert one["code"] == "not-jpeg"


def test_the_same_package_is_held_once(world: World) -> None:
    capture = world.signed(images=[b"no photo"])
    for _ in range(3):
        world.push(capture)
    assert len(world.get("/v1/handlers/quarantined-packages")) == 1


def test_an_operator_reads_what_came_and_each_look_at_a_photo_is_recorded(world: World) -> None:
    world.push(world.signed(images=[b"no photo"]))
    package_id = held(world)
    assert '"cameraId": "cam-1"' in world.get(f"/v1/handlers/quarantined-packages/{package_id}/metadata")["text"]
    path = f"/v1/handlers/quarantined-packages/{package_id}/photo-views"
    assert world.http.post(path, json={"purpose": "what is it"}).content == b"no photo"
    assert world.http.post(path, json={"position": 1, "purpose": "what is it"}).status_code == 404


def test_a_camera_that_fills_the_quarantine_keeps_its_packages_until_somebody_looked(world: World) -> None:
    world.system.settings.max_held_packages = 2
    for number in range(2):
        world.push(world.signed(images=[b"no photo %d" % number]))
    answer = world.push(world.signed(images=[b"one more"]))
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:flitsketen:problem:quarantine-full")
    assert answer.headers["retry-after"]
    assert len(world.get("/v1/handlers/quarantined-packages")) == 2
