"""From a camera's push to a paid fine and to a court dossier, embedded and at scale."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import bagit

from ingest.simulator.network import push, sign_capture
from tests.chain.installation import Installation
from tests.conftest import NOON, eventually
from tests.world import APPELLANT, jpeg, keeper_of, lookup, with_code
from workers.demo_world import bank_statement

PLATES = ["GB-001-B", "X-885-FH", "65-ZJB-4"]


def test_a_capture_becomes_a_paid_fine_and_another_a_court_dossier(running: Installation, tmp_path) -> None:
    running.register([keeper_of(plate) for plate in PLATES])
    for number, plate in enumerate(PLATES):
        capture = sign_capture(running.camera, f"c{number}", NOON - timedelta(minutes=9), "72.4", [jpeg(plate)])
        assert push(running.http, capture).status_code == 201
    running.settle()
    fates = {fate["captureId"]: fate for fate in running.get("/v1/handlers/captures")}
    assert {fate["fate"] for fate in fates.values()} == {"issued"}
    paid, court, unpaid = (
        with_code(running.system, running.get(f"/v1/handlers/decisions/{fates[f'c{n}']['decisionId']}"))
        for n in range(3)
    )
    assert {case["offenceCode"] for case in (paid, court, unpaid)} == {"VA019"}
    assert all(case["specimen"] for case in (paid, court, unpaid))
    run = running.post("/v1/handlers/print-runs")["id"]
    running.settle()
    running.post(f"/v1/handlers/print-runs/{run}/completions")

    statement = bank_statement("NL52DEMO0000000001", NOON.date(), [(paid["paymentReference"], paid["amounts"]["open"])])
    for expected in ({"booked": 1, "known": 0}, {"booked": 0, "known": 1}):
        answer = running.http.post("/v1/handlers/bank-statements", content=statement)
        assert answer.json().items() >= expected.items()
    assert running.post("/v1/case-lookups", **lookup(paid))["state"] == "paid"

    running.post("/v1/appeals", **lookup(court), appellant=APPELLANT, grounds="Ik reed niet.")
    [appeal] = running.get("/v1/handlers/appeals")["appeals"]
    running.post(f"/v1/handlers/appeals/{appeal['id']}/claims")
    running.post(
        f"/v1/handlers/appeals/{appeal['id']}/decisions",
        outcome="upheld",
        motivation="De foto is duidelijk.",
        unheard="waived",
    )
    running.settle()
    status = running.post("/v1/court-appeals", **lookup(court), grounds="Toch niet.")
    assert status["court"] == "Rechtbank Midden-Nederland"
    fate = next(f for f in running.get("/v1/handlers/captures") if f["captureId"] == "c1")
    if status["securityCents"]:
        running.post(
            "/v1/handlers/payments",
            externalId="deposit",
            paymentReference=court["paymentReference"],
            amountCents=status["securityCents"],
            bookedOn="2026-09-15",
            purpose="security",
        )
        running.post(f"/v1/handlers/court-appeals/{fate['courtAppealId']}/security-checks")
    running.settle()
    path = f"/v1/handlers/court-appeals/{fate['courtAppealId']}"
    bag = running.post(f"{path}/dossier-views", purpose="sent to the court")
    with zipfile.ZipFile(io.BytesIO(bag)) as archive:
        archive.extractall(tmp_path / "bags")
    [folder] = (tmp_path / "bags").iterdir()
    assert bagit.Bag(str(folder)).is_valid()
    enhanced = {path.name for path in (folder / "data" / "photos" / "enhanced").iterdir()}
    assert enhanced == {"whole_0.jpg", "plate_0.png", "steps_0.json"}

    running.post(f"{path}/rulings", outcome="annulled", motivation="Het bord was niet te zien.")
    running.settle()
    after = running.post("/v1/case-lookups", **lookup(court))
    assert after["state"] == "annulled"
    assert after["amounts"]["open"] == 0
    assert after["amounts"]["refundable"] == status["securityCents"]

    due = datetime.fromisoformat(unpaid["dueOn"]).replace(tzinfo=UTC)
    running.clock.set(due + timedelta(days=1, hours=12))
    running.system.services.fines.run_due()
    running.settle()
    reminded = running.post("/v1/case-lookups", **lookup(unpaid))
    assert reminded["state"] == "increased_once"
    assert reminded["amounts"]["increase"] * 2 == reminded["amounts"]["sanction"]

    assert sum(running.get("/v1/handlers/trial-balance").values()) == 0
    for plate in PLATES:
        assert plate not in running.log()
        assert plate.replace("-", "") not in running.log()


def test_redis_may_forget_everything(scale_out_installation: Installation) -> None:
    import redis

    running = scale_out_installation
    running.kill("worker")
    running.register([keeper_of(PLATES[0])])
    capture = sign_capture(running.camera, "c", NOON - timedelta(minutes=9), "72.4", [jpeg()])
    assert push(running.http, capture).status_code == 201
    store = redis.Redis.from_url(running.settings.redis_url)
    eventually(lambda: store.dbsize() > 0, 30, "the relay has handed the job over")
    store.flushall()
    running.start("worker")
    running.settle()
    [fate] = running.get("/v1/handlers/captures")
    assert fate["fate"] == "issued"
