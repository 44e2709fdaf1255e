"""Webhooks: professionals are told, once or more and never forged; and nothing inside the house is called."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi.testclient import TestClient
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.clock import SettableClock
from core.errors import InvalidInput
from core.outbox import OutboxMessage, machine_now
from core.outgoing import Outgoing, Unreachable
from fines.service import Capacity, Given
from tests.api.test_mandates import CITIZEN, professional
from tests.cases import fined
from tests.conftest import embedded_world
from tests.world import OPERATOR, World

HOOKS = "/v1/professionals/webhooks"


class Receiver:
    """A server that notes what it gets and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204
        self.location = ""
        noted = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                noted.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(noted.answer)
                if noted.location:
                    self.send_header("Location", noted.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock) -> World:
    return embedded_world(tmp_path, clock, webhook_networks=["127.0.0.0/8"])


@pytest.fixture
def lawyer(world: World) -> TestClient:
    return professional(world, "Kantoor")


@pytest.fixture
def case(world: World, lawyer: TestClient) -> dict[str, Any]:
    """A case in which the lawyer holds a mandate."""
    found = fined(world)
    mandates = world.system.services.fines.mandates
    code = mandates.code(mandates.give(CITIZEN, found["decisionId"], Given("Kantoor", Capacity.LAWYER, None)))
    taken = {"caseNumber": found["caseNumber"], "mandateCode": code}
    assert lawyer.post("/v1/professionals/mandates", json=taken).status_code == 201
    world.drain()
    return found


def hook(lawyer: TestClient, url: str, *types: str) -> Any:
    answer = lawyer.post(HOOKS, json={"url": url, "types": list(types)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def due_now(world: World) -> None:
    """As if the time until the next try had passed."""
    with world.system.database.write_session() as session:
        for message in session.query(OutboxMessage):
            message.available_at = min(message.available_at, machine_now())
        session.commit()
    world.drain()


def read(receiver: Receiver, secret: str, number: int = -1) -> Any:
    headers, body = receiver.got[number]
    return Webhook(secret).verify(body, headers)


def test_who_holds_a_mandate_is_told_what_happens(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    made = hook(lawyer, receiver.url)
    world.appeal(case)
    world.drain()
    told = [read(receiver, made["secret"], number) for number in range(len(receiver.got))]
    assert {"case.changed", "letter.made"} <= {one["type"] for one in told}
    [changed] = [one["data"] for one in told if one["type"] == "case.changed"]
    assert changed == {"caseNumber": case["caseNumber"], "state": "under_appeal"}


def test_no_message_names_a_person_or_a_plate(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    hook(lawyer, receiver.url)
    world.appeal(case)
    world.drain()
    told = b"".join(body for _, body in receiver.got).decode()
    assert not [word for word in ("Testpersoon", case["plate"], "Proefstraat") if word in told]


def test_only_what_was_asked_for_is_sent(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    made = hook(lawyer, receiver.url, "letter.made")
    world.appeal(case)
    world.drain()
    assert {read(receiver, made["secret"], number)["type"] for number in range(len(receiver.got))} == {"letter.made"}


def test_of_other_cases_nothing_is_told(world: World, lawyer: TestClient, receiver: Receiver) -> None:
    hook(lawyer, receiver.url)
    world.appeal(fined(world))
    world.drain()
    assert receiver.got == []


def test_a_mandate_that_ended_tells_nothing(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    hook(lawyer, receiver.url)
    world.system.services.fines.mandates.end(CITIZEN, case["decisionId"], "test")
    world.appeal(case)
    world.drain()
    assert receiver.got == []


def test_who_filed_an_appeal_is_told_how_far_it_is(world: World, lawyer: TestClient, receiver: Receiver) -> None:
    made = hook(lawyer, receiver.url, "appeal.changed")
    case = fined(world)
    said = {
        "caseNumber": case["caseNumber"], "plate": case["plate"], "reference": "1", "actsAs": "lawyer",
        "office": "Kantoor", "grounds": "Niet mijn auto.",
        "appellant": {
            "name": "T. Testpersoon", "birthDate": "1980-01-01", "birthPlace": "Proefdorp",
            "address": "Proefstraat 1", "iban": "NL91ABNA0417164300",
        },
    }  # fmt: skip
    assert lawyer.post("/v1/professionals/appeals", json={"appeals": [said]}).json()["appeals"][0]["result"] == "filed"
    world.decide_appeal(case, "annulled")
    states = [read(receiver, made["secret"], number)["data"]["state"] for number in range(len(receiver.got))]
    assert states == ["in_handling", "decided"]


@pytest.mark.parametrize("change", ["body", "name", "moment", "secret"])
def test_a_forged_message_is_known(lawyer: TestClient, world: World, receiver: Receiver, change: str) -> None:
    made = hook(lawyer, receiver.url)
    lawyer.post(f"{HOOKS}/{made['id']}/messages")
    world.drain()
    headers, body = receiver.got[-1]
    secret = made["secret"]
    assert Webhook(secret).verify(body, headers)
    if change == "body":
        body = body.replace(b"webhook.test", b"case.changed")
    elif change == "name":
        headers = {**headers, "webhook-id": "another"}
    elif change == "moment":
        old = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
        headers = {**headers, "webhook-timestamp": str(old)}
    else:
        secret = hook(lawyer, receiver.url)["secret"]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_it_is_sent_until_it_is_taken_and_has_one_name(lawyer: TestClient, world: World, receiver: Receiver) -> None:
    receiver.answer = 503
    made = hook(lawyer, receiver.url)
    message = lawyer.post(f"{HOOKS}/{made['id']}/messages").json()["id"]
    world.drain()
    due_now(world)
    receiver.answer = 200
    due_now(world)
    due_now(world)
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [message] * 3
    [told] = lawyer.get(f"{HOOKS}/{made['id']}/messages").json()["messages"]
    assert (told["state"], told["attempts"], told["lastAnswer"]) == ("delivered", 3, "200")


def test_after_ten_tries_it_is_given_up_and_can_be_asked_for_again(
    lawyer: TestClient, world: World, receiver: Receiver
) -> None:
    receiver.answer = 500
    made = hook(lawyer, receiver.url)
    message = lawyer.post(f"{HOOKS}/{made['id']}/messages").json()["id"]
    for _ in range(12):
        due_now(world)
    [told] = lawyer.get(f"{HOOKS}/{made['id']}/messages").json()["messages"]
    assert (told["state"], told["attempts"]) == ("given-up", 10)
    receiver.answer = 204
    assert lawyer.post(f"{HOOKS}/{made['id']}/messages/{message}/replays").status_code == 202
    assert lawyer.post(f"{HOOKS}/{made['id']}/messages/{message}/replays").status_code == 409
    world.drain()
    [told] = lawyer.get(f"{HOOKS}/{made['id']}/messages").json()["messages"]
    assert (told["state"], told["attempts"]) == ("delivered", 11)


def test_a_redirect_is_not_followed(lawyer: TestClient, world: World, receiver: Receiver) -> None:
    receiver.answer, receiver.location = 307, receiver.url.replace("/hook", "/elsewhere")
    made = hook(lawyer, receiver.url)
    lawyer.post(f"{HOOKS}/{made['id']}/messages")
    world.drain()
    [told] = lawyer.get(f"{HOOKS}/{made['id']}/messages").json()["messages"]
    assert (len(receiver.got), told["state"], told["lastAnswer"]) == (1, "waiting", "307")


def test_secrets_change_over_without_a_gap(lawyer: TestClient, world: World, receiver: Receiver) -> None:
    made = hook(lawyer, receiver.url)
    fresh = lawyer.post(f"{HOOKS}/{made['id']}/secrets").json()["secret"]
    lawyer.post(f"{HOOKS}/{made['id']}/messages")
    world.drain()
    assert read(receiver, made["secret"])["type"] == read(receiver, fresh)["type"] == "webhook.test"
    world.clock.advance(timedelta(hours=25))
    lawyer.post(f"{HOOKS}/{made['id']}/messages")
    world.drain()
    assert read(receiver, fresh)
    with pytest.raises(WebhookVerificationError):
        read(receiver, made["secret"])


def test_anothers_webhook_is_as_none(world: World, lawyer: TestClient, receiver: Receiver) -> None:
    made = hook(lawyer, receiver.url)
    other = professional(world, "Ander")
    assert other.get(HOOKS).json() == []
    for method, path in (("GET", "messages"), ("POST", "messages"), ("POST", "secrets"), ("DELETE", "")):
        answer = other.request(method, f"{HOOKS}/{made['id']}/{path}".rstrip("/"))
        assert answer.status_code == 404, path


def test_nothing_is_sent_to_who_is_not_known_any_more(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    hook(lawyer, receiver.url)
    principals = world.system.services.principals
    token = lawyer.headers["Authorization"].removeprefix("Bearer ")
    principals.end(OPERATOR, principals.recognise(token).id, "left")
    world.appeal(case)
    world.drain()
    assert receiver.got == []


def test_nothing_is_sent_to_an_address_that_was_removed(
    world: World, lawyer: TestClient, case: dict[str, Any], receiver: Receiver
) -> None:
    made = hook(lawyer, receiver.url)
    assert lawyer.delete(f"{HOOKS}/{made['id']}").status_code == 204
    world.appeal(case)
    world.drain()
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.nl/hook", "https://127.0.0.1/", "https://10.0.0.8/", "https://[::1]/", "https://169.254.169.254/",
        "https://[::ffff:10.0.0.8]/", "https://[64:ff9b::a00:8]/", "https://example.nl:22/", "ftp://example.nl/",
        "https://user:word@example.nl/", "https://example.nl/#part", "/hook", "https:///hook", "nonsense",
        "https://0.0.0.0/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_no_address_inside_is_taken(url: str) -> None:
    with pytest.raises(InvalidInput):
        Outgoing().check(url)


@pytest.mark.parametrize("leads_to", [["10.0.0.8"], ["93.184.215.14", "127.0.0.1"], ["::1"], []])
def test_a_name_that_leads_inside_is_not_called(leads_to: list[str]) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in leads_to]

    with pytest.raises(Unreachable, match="address-unfit"):
        Outgoing(resolve=resolve).post("https://receiver.example/", b"{}", {})


def test_a_name_is_looked_up_once_and_its_certificate_asked_for(tmp_path: Path) -> None:
    """The receiver has moved inside by the time of a second look: there is none."""
    receiver = Receiver()
    trusted = certified(receiver.server, tmp_path, "receiver.example")
    asked: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1", receiver.port))]

    outgoing = Outgoing(["127.0.0.0/8"], trusted, resolve)
    url = f"https://receiver.example:{receiver.port}/hook"
    outgoing.check = lambda _: None  # type: ignore[method-assign] - a test has no port 443
    assert outgoing.post(url, b"{}", {}) == 204
    assert asked == ["receiver.example"]
    assert receiver.got[0][0]["host"] == f"receiver.example:{receiver.port}"
    with pytest.raises(Unreachable, match="ConnectError"):
        outgoing.post(url.replace("receiver.", "another."), b"{}", {})
    receiver.server.shutdown()
    receiver.server.server_close()


def certified(server: HTTPServer, folder: Path, name: str) -> ssl.SSLContext:
    """Puts the server behind TLS with a certificate of that name; returns whom to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate").write_bytes(certificate.public_bytes(Encoding.PEM))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(folder / "certificate", folder / "key")
    server.socket = own.wrap_socket(server.socket, server_side=True)
    return ssl.create_default_context(cafile=str(folder / "certificate"))


@pytest.fixture
def notifying(tmp_path: Path, clock: SettableClock, receiver: Receiver) -> World:
    """An installation that notifies a component of the standard."""
    return embedded_world(
        tmp_path, clock,
        zgw_notificaties_url=f"http://127.0.0.1:{receiver.port}/api/v1", zgw_client_id="flitsketen",
        zgw_secret="a-secret-of-thirty-two-characters", zgw_rsin="123456782",
    )  # fmt: skip


def test_other_systems_are_notified_as_the_standard_wants_it(notifying: World, receiver: Receiver) -> None:
    receiver.answer = 201
    case = fined(notifying)
    notifying.appeal(case)
    notifying.drain()
    told = [json.loads(body) for _, body in receiver.got]
    [moved] = [one for one in told if one["resource"] == "case"]
    assert moved["kanaal"] == "beschikkingen"
    assert moved["hoofdObject"].endswith(f"/v1/handlers/decisions/{case['decisionId']}")
    assert moved["actie"] == "update"
    assert moved["kenmerken"] == {"bronorganisatie": "123456782", "state": "under_appeal"}
    assert receiver.got[0][0]["authorization"].startswith("Bearer ")


def test_a_notification_that_nobody_takes_is_tried_again(notifying: World, receiver: Receiver) -> None:
    receiver.answer = 503
    notifying.appeal(fined(notifying))
    notifying.drain()
    first = len(receiver.got)
    receiver.answer = 201
    due_now(notifying)
    assert len(receiver.got) > first
    assert notifying.system.services.dead_letters.letters() == []


@pytest.fixture(autouse=True)
def _nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test looks a name up on the network."""
    plain = socket.getaddrinfo

    def inside(host: str, *more: Any, **named: Any) -> Any:
        assert host in ("127.0.0.1", "localhost", None), host
        return plain(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", inside)
