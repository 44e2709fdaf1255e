"""The whole chain on photographs, over HTTP, with the clock moved by hand. No result in it is scripted."""

import io
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bagit
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.clock import SettableClock, local_date
from core.ids import short
from core.money import format_euro
from core.roles import ROLES
from core.settings import Settings
from core.unit_of_work import Actor
from fines.letters import portal_address
from fines.simulator.provider import SimulatedProvider
from imaging.service import normalise
from ingest.simulator.network import Photo, SimulatedCamera, captures, load_photos, push, sign_capture
from ingest.simulator.scenes import sample_scenes, write_folder
from workers import enrolment
from workers.audit_report import verify_audit
from workers.bootstrap import System, build
from workers.chores import checkpoint
from workers.demo_world import (
    CAMERAS,
    PROVIDER_IBAN,
    PROVIDER_KEY,
    all_fates,
    bank_statement,
    countries_for,
    write_register,
)
from workers.loops import EmbeddedWorker
from workers.migrate import migrate
from workers.server import running, serving, usable_port

START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
_WANTED_DECISIONS = 6
_OPERATOR = Actor("handler", "demo-operator", frozenset({"operator"}))


@dataclass
class Demo:
    """State that the steps share."""

    console: Console
    system: System
    clock: SettableClock
    http: httpx.Client
    second: httpx.Client
    """What another reviewer sees."""

    provider: SimulatedProvider
    out: Path
    truth: dict[str, Photo] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    def settle(self, what: str) -> None:
        """Wait until no job is waiting, with a bar."""
        with _bar(self.console) as progress:
            task, most = progress.add_task(what, total=None), 0
            while True:
                jobs = self.http.get("/v1/readiness").raise_for_status().json()["jobs"]
                left = sum(jobs.values()) - jobs.get("dead", 0)
                most = max(most, left)
                progress.update(task, completed=most - left, total=most)
                if not left:
                    return
                time.sleep(0.2)

    def drawn_for_a_second_look(self) -> set[str]:
        """Captures that one person has read and another has to."""
        waiting = self.second.get("/v1/handlers/readings").raise_for_status().json()
        return {reading["captureId"] for reading in waiting if reading["state"] == "in_second_review"}

    def cases(self) -> list[dict[str, Any]]:
        """All fates that led to a decision, with the decision's own page of facts."""
        fates = all_fates(self.get)
        return [
            {**fate, **self.get(f"/v1/handlers/decisions/{fate['decisionId']}")} for fate in fates if fate["decisionId"]
        ]

    def letter_of(self, case: dict[str, Any]) -> dict[str, str]:
        """What the citizen takes over from it."""
        code = self.system.access_codes.of(case["decisionId"])
        return {"caseNumber": case["caseNumber"], "plate": case["plate"], "accessCode": code}

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body).raise_for_status()


def run(
    console: Console, folder: Path, photos: Path | None, port: int, wait: Callable[[str, str], None] | None
) -> bool:
    """Run it all in a fresh `folder`; `wait` gets URL and handler's token at the end. True when all is well."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if photos is None:
        photos = folder / "photos"
        _draw(console, photos)
    pictures = load_photos(photos)
    register = folder / "vehicle_register.json"
    write_register(register, pictures)
    clock = SettableClock(START, running=True)
    provider = SimulatedProvider(clock, PROVIDER_KEY)
    port = usable_port(port)
    with serving(provider.app()) as provider_url:
        settings = Settings(
            data_dir=folder / "data",
            vehicle_register_file=register,
            public_url=f"http://127.0.0.1:{port}",
            mollie_api_key=SecretStr(PROVIDER_KEY),
            mollie_api_url=provider_url,
            provider_ibans=[PROVIDER_IBAN],
        )
        return _run(console, settings, clock, provider, pictures, port, wait)


def _run(
    console: Console,
    settings: Settings,
    clock: SettableClock,
    provider: SimulatedProvider,
    pictures: list[Photo],
    port: int,
    wait: Callable[[str, str], None] | None,
) -> bool:
    migrate(settings)
    system = build(settings, clock)
    worker = EmbeddedWorker(system, scheduled=False)
    roles = set(ROLES) - {"jurist"}
    token = system.services.principals.register(_OPERATOR, "Demo handler", roles)
    other = system.services.principals.register(_OPERATOR, "Second reviewer", {"reviewer"})
    with (
        running(system, port) as url,
        _client(url, token) as http,
        _client(url, other) as second,
    ):
        worker.start()
        demo = Demo(console, system, clock, http, second, provider, settings.data_dir.parent / "out")
        demo.out.mkdir()
        well = _play(demo, pictures)
        console.print(f"Service: [bold]{url}[/]  (citizens: {url}/ , handlers: {url}/handlers/login)")
        if wait is not None:
            wait(url, token)
        worker.stop()
    return well


def _client(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=120, trust_env=False)


def _play(demo: Demo, pictures: list[Photo]) -> bool:
    cameras = _install_cameras(demo)
    _push_all(demo, pictures, cameras)
    _push_cut_off(demo, pictures[0], cameras[0])
    demo.settle("Validate, read, redact, decide, write letters")
    _review(demo)
    demo.settle("Decide what was confirmed")
    _post_letters(demo)
    cases = sorted(demo.cases(), key=lambda case: case["amounts"]["sanction"])
    if len(cases) < 4:
        demo.console.print(f"[red]Only {len(cases)} decisions: too few to play the rest of the chain.[/]")
        return False
    unpaid, annulled, court, *others = cases
    _pay(demo, others, annulled)
    demo.clock.advance(timedelta(weeks=2))
    gone = _file_appeal(demo, annulled, "not-committed", "Ik heb de auto op die dag niet gereden; zie de verklaring.")
    _decide_appeal(demo, gone, "annulled")
    stands = _file_appeal(demo, court, "signs", "Het bord stond achter een struik en was niet te zien.")
    _decide_appeal(demo, stands, "upheld")
    waits = _file_appeal(demo, others[-1], "measurement", "Mijn navigatie gaf een andere snelheid aan.")
    demo.post(f"{waits}/claims")
    demo.post(f"{waits}/inquiries", askedOf="camera-operator", question="Graag het logboek van deze dag.")
    demo.settle("Take in the outcome of the appeals")
    _to_court(demo, court)
    demo.clock.set(datetime.fromisoformat(unpaid["dueOn"]).replace(tzinfo=UTC) + timedelta(days=1, hours=9))
    demo.system.services.fines.run_due()
    demo.settle("Send reminders")
    _post_letters(demo)
    _export(demo)
    return _report(demo)


def _draw(console: Console, folder: Path) -> None:
    scenes = sample_scenes(14)
    with _bar(console) as progress:
        task = progress.add_task("Draw photographs", total=len(scenes))
        write_folder(folder, scenes, lambda: progress.advance(task))


def _install_cameras(demo: Demo) -> list[SimulatedCamera]:
    cameras = [SimulatedCamera(profile, Ed25519PrivateKey.generate()) for profile in CAMERAS]
    demo.clock.advance(-timedelta(days=2))
    for camera in cameras:
        enrolment.enrol(demo.system, _OPERATOR, camera)
    demo.clock.set(START)
    return cameras


def _push_all(demo: Demo, pictures: list[Photo], cameras: list[SimulatedCamera]) -> None:
    with _bar(demo.console) as progress:
        task = progress.add_task("Push captures over HTTP", total=len(pictures))
        for photo, capture in captures(pictures, cameras, demo.clock.now(), timedelta(minutes=5)):
            answer = push(demo.http, capture)
            demo.answers[capture.capture_id] = answer.status_code
            demo.truth[capture.capture_id] = photo
            progress.advance(task)


def _push_cut_off(demo: Demo, photo: Photo, camera: SimulatedCamera) -> None:
    """A photo that lost its end inside the camera: something for the quarantine desk."""
    image = photo.path.read_bytes()
    cut_off = sign_capture(camera, "cut-off", demo.clock.now(), "71.0", [image[: len(image) * 2 // 3]])
    push(demo.http, cut_off)


def _review(demo: Demo) -> None:
    """The reviewer's eye is the truth file; he stops when there are cases enough to show the chain."""
    names = {fate["id"]: fate["captureId"] for fate in all_fates(demo.get)}
    missing = _WANTED_DECISIONS - len(demo.cases())
    for reading in demo.get("/v1/handlers/readings"):
        photo = demo.truth[names[reading["captureId"]]]
        countries = countries_for(photo)
        if missing <= 0 or not countries or not reading["candidates"]:
            continue
        country = "SK" if "SK" in countries else countries[0]
        path = f"/v1/handlers/captures/{reading['captureId']}/confirmations"
        words = {"plate": photo.plate, "country": country}
        demo.post(path, **words)
        if reading["captureId"] in demo.drawn_for_a_second_look():
            demo.second.post(path, json=words).raise_for_status()
        missing -= 1


def _post_letters(demo: Demo) -> None:
    """The printer's part: a file for each postal sort, and the word that all is posted."""
    run = demo.post("/v1/handlers/print-runs").json()["id"]
    demo.settle("Print the letters")
    [made] = [found for found in demo.get("/v1/handlers/print-runs") if found["id"] == run]
    folder = demo.out / "print_runs"
    folder.mkdir(exist_ok=True)
    for entry in made["manifest"]:
        file = demo.post(f"/v1/handlers/print-runs/{run}/files/{entry['sort']}/fetches")
        (folder / f"{short(run)}_{entry['sort']}.pdf").write_bytes(file.content)
    demo.post(f"/v1/handlers/print-runs/{run}/completions")


def _pay(demo: Demo, others: list[dict[str, Any]], annulled: dict[str, Any]) -> None:
    today = local_date(demo.clock.now())
    first, *rest = [*others, annulled]
    page = demo.post("/v1/payment-pages", **demo.letter_of(first)).json()
    # The one who pays: it is the provider's page that he sees, and the provider that tells of it.
    demo.provider.finish(page["pageUrl"].rsplit("/", 1)[1], "paid")
    reference = rest[0]["paymentReference"]
    mistyped = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    statement = bank_statement(
        demo.system.settings.authority_iban,
        today,
        [
            *[(case["paymentReference"], case["amounts"]["open"]) for case in rest],
            (f"boete {mistyped}", 2500),
        ],
    )
    (demo.out / "bank_statement_camt053.xml").write_bytes(statement)
    demo.http.post("/v1/handlers/bank-statements", content=statement).raise_for_status()


def _file_appeal(demo: Demo, case: dict[str, Any], ground: str, grounds: str) -> str:
    """The citizen appeals; the path of the appeal."""
    demo.post(
        "/v1/appeals",
        **demo.letter_of(case),
        appellant={
            "name": "A. Voorbeeld",
            "birthDate": "1980-02-03",
            "birthPlace": "Voorbeeldstad",
            "address": "Proefstraat 1, 1000 XX Voorbeeldstad",
            "iban": "NL25DEMO0000000002",
        },
        ground=ground,
        grounds=grounds,
    )
    open_appeals = demo.get("/v1/handlers/appeals")["appeals"]
    appeal = next(one for one in open_appeals if one["decisionId"] == case["decisionId"])
    return f"/v1/handlers/appeals/{appeal['id']}"


def _decide_appeal(demo: Demo, appeal: str, outcome: str) -> None:
    demo.post(f"{appeal}/claims")
    said = {"motivation": "Demo: see the case page.", "unheard": "manifestly-unfounded"}
    demo.post(f"{appeal}/decisions", outcome=outcome, **said)


def _to_court(demo: Demo, case: dict[str, Any]) -> None:
    status = demo.post(
        "/v1/court-appeals", **demo.letter_of(case), grounds="De officier is niet op het bord ingegaan."
    ).json()
    fate = next(f for f in all_fates(demo.get) if f["decisionId"] == case["decisionId"])
    court_appeal = fate["courtAppealId"]
    if status["securityCents"]:
        demo.post(
            "/v1/handlers/payments",
            externalId="security-1",
            paymentReference=case["paymentReference"],
            amountCents=status["securityCents"],
            bookedOn=local_date(demo.clock.now()).isoformat(),
            purpose="security",
        )
        demo.post(f"/v1/handlers/court-appeals/{court_appeal}/security-checks")
    demo.settle("Make the court dossier")
    bag = demo.post(f"/v1/handlers/court-appeals/{court_appeal}/dossier-views", purpose="sent to the court")
    with zipfile.ZipFile(io.BytesIO(bag.content)) as archive:
        archive.extractall(demo.out / "dossier")
    for folder in (demo.out / "dossier").iterdir():
        bagit.Bag(str(folder)).validate()


def _export(demo: Demo) -> None:
    for name in ("letters", "redacted_photos"):
        (demo.out / name).mkdir()
    for case in demo.cases():
        lookup = demo.letter_of(case)
        photo = demo.post("/v1/photo-lookups", **lookup)
        (demo.out / "redacted_photos" / f"{case['captureId']}.jpg").write_bytes(photo.content)
        for letter in case["letters"]:
            pdf = demo.post("/v1/letter-lookups", **lookup, kind=letter["kind"], number=letter["number"])
            name = f"{case['captureId']}_{letter['kind']}_{letter['number']}.pdf"
            (demo.out / "letters" / name).write_bytes(pdf.content)


def _report(demo: Demo) -> bool:
    table = Table(title="What became of every capture", show_lines=False)
    for heading in ("capture", "camera", "pushed", "plate (truth)", "plate (read)", "fate", "why"):
        table.add_column(heading, overflow="fold")
    fates = {fate["captureId"]: fate for fate in all_fates(demo.get)}
    wrong = 0
    for capture_id, photo in demo.truth.items():
        fate = fates.get(capture_id)
        read = (fate or {}).get("plate") or "–"
        differs = read not in ("–", normalise(photo.plate))
        settled = fate is not None and fate["decisionId"] is not None
        wrong += differs and settled
        table.add_row(
            capture_id,
            fate["cameraId"] if fate else "–",
            str(demo.answers[capture_id]),
            photo.plate,
            f"[yellow]{read}[/]" if differs else read,
            _coloured(fate["fate"]) if fate else "[red]refused[/]",
            fate["why"] if fate else "see quarantine",
        )
    demo.console.print(table)
    balance = demo.get("/v1/handlers/trial-balance")
    demo.console.print(
        "Ledger: " + ", ".join(f"{name} € {format_euro(cents)}" for name, cents in sorted(balance.items()))
    )
    checkpoint(demo.system)
    sound = verify_audit(demo.system, demo.console)
    lost = [capture_id for capture_id in demo.truth if capture_id not in fates and demo.answers[capture_id] < 300]
    dead = demo.get("/v1/handlers/dead-letters")
    demo.console.print(
        f"Wrong plates that led to a decision: {wrong}. Lost captures: {len(lost)}. Dead letters: {len(dead)}."
    )
    unpaid = next((case for case in demo.cases() if case["amounts"]["open"]), None)
    if unpaid is not None:
        said = demo.letter_of(unpaid)
        address = portal_address(demo.system.settings, said["caseNumber"], said["plate"], said["accessCode"])
        demo.console.print(f"A fine as the one whose it is sees it: {address}", soft_wrap=True)
    demo.console.print(f"Letters, redacted photos, dossier: [bold]{demo.out}[/]")
    data = demo.system.settings.data_dir
    demo.console.print(f"Check the records again: .venv/bin/flitsketen audit verify --data-dir {data}")
    return sound and not lost and not dead and sum(balance.values()) == 0


def _coloured(fate: str) -> str:
    colour = {"paid": "green", "annulled": "green", "in_review": "yellow", "under_appeal": "cyan"}.get(fate, "white")
    return f"[{colour}]{fate}[/]"


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<46}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
