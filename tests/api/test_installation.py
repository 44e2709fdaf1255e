"""How the installation does: what is stuck, where and since when; and failed jobs that are tried again."""

from datetime import timedelta

from sqlalchemy import select, update

from core.audit import AuditRecord
from core.outbox import MessageState, OutboxMessage, machine_now
from core.schedule import ChoreRun, Schedule
from tests.world import OPERATOR, World
from workers.chores import chores


def queue(world: World, name: str) -> dict[str, object]:
    [found] = [one for one in world.get("/v1/handlers/installation")["queues"] if one["name"] == name]
    return found


def fail(world: World, error: str) -> None:
    """All jobs that wait failed for good."""
    with world.system.database.write_session() as session:
        session.execute(update(OutboxMessage).values(state=MessageState.DEAD, last_error=error))
        session.commit()


def test_what_waits_is_counted_by_queue_with_its_age(world: World) -> None:
    assert world.push(world.signed()).status_code == 201
    with world.system.database.write_session() as session:
        session.execute(update(OutboxMessage).values(available_at=machine_now() - timedelta(hours=2)))
        session.commit()
    assert queue(world, "imaging")["waiting"] == 1
    assert 7200 <= queue(world, "imaging")["oldestSeconds"] < 7300  # type: ignore[operator]
    assert queue(world, "letters") == {"name": "letters", "waiting": 0, "oldestSeconds": 0, "handedOut": 0, "dead": 0}


def test_a_try_that_is_put_off_does_not_wait_yet(world: World) -> None:
    world.push(world.signed())
    with world.system.database.write_session() as session:
        session.execute(update(OutboxMessage).values(available_at=machine_now() + timedelta(hours=2)))
        session.commit()
    assert queue(world, "imaging")["oldestSeconds"] == 0


def test_failed_jobs_are_grouped_and_all_of_a_kind_tried_again(world: World) -> None:
    for _ in range(3):
        world.push(world.signed())
    fail(world, "ConnectionError")
    failures = world.get("/v1/handlers/installation")["failures"]
    assert [(one["job"], one["error"], one["count"]) for one in failures] == [
        ("imaging.read_plate", "ConnectionError", 3),
        ("ingest.log_evidence", "ConnectionError", 3),
    ]
    wanted = {"job": "imaging.read_plate", "error": "ConnectionError", "reason": "the store is back"}
    assert world.post("/v1/handlers/dead-letter-replays", 201, **wanted) == {"count": 3}
    assert [one["job"] for one in world.get("/v1/handlers/installation")["failures"]] == ["ingest.log_evidence"]
    assert queue(world, "imaging")["waiting"] == 3
    world.post("/v1/handlers/dead-letter-replays", 404, **wanted)


def test_who_had_a_job_tried_again_and_why_is_in_the_audit_log(world: World) -> None:
    world.push(world.signed())
    fail(world, "TimeoutError")
    world.system.services.dead_letters.replay_all(OPERATOR, "imaging.read_plate", "TimeoutError", "more memory")
    with world.system.database.read_session() as session:
        [record] = session.scalars(select(AuditRecord).where(AuditRecord.action == "jobs.replayed"))
    assert (record.actor, record.reason, record.detail) == (str(OPERATOR), "more memory", {"count": 1})


def test_a_job_is_not_tried_again_without_a_reason(world: World) -> None:
    world.push(world.signed())
    fail(world, "TimeoutError")
    world.post("/v1/handlers/dead-letter-replays", 400, job="imaging.read_plate", error="TimeoutError", reason=" ")


def test_chores_are_shown_with_how_they_went(world: World) -> None:
    assert world.get("/v1/handlers/installation")["chores"] == []
    Schedule(world.system.database, chores(world.system)).tick()
    found = {one["name"]: one["outcome"] for one in world.get("/v1/handlers/installation")["chores"]}
    assert found == dict.fromkeys(
        [
            "ask-after-payments",
            "check-store",
            "destroy-what-is-due",
            "forget-what-is-over",
            "keep-partitions-ahead",
            "pass-terms",
            "sign-heads",
        ],
        "done",
    )


def test_a_chore_that_nobody_does_is_overdue(world: World) -> None:
    Schedule(world.system.database, chores(world.system)).tick()
    with world.system.database.write_session() as session:
        session.execute(update(ChoreRun).values(due_at=machine_now() - timedelta(minutes=11)))
        session.commit()
    assert all(one["overdue"] for one in world.get("/v1/handlers/installation")["chores"])


def test_a_camera_that_was_not_heard_of_for_a_day_is_silent(world: World) -> None:
    world.push(world.signed())
    assert world.get("/v1/handlers/installation")["silentCameras"] == []
    world.clock.advance(timedelta(hours=25))
    [silent] = world.get("/v1/handlers/installation")["silentCameras"]
    assert silent == {"id": world.camera.profile.id, "heardAt": None}
