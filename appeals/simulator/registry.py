"""A registry that knows the ZGW standard and nothing else: Catalogi, Zaken and Documenten API 1, as filing needs them.

It refuses what the standard refuses (missing or unknown fields, lengths, a wrong RSIN, doubles, another catalogue's
types, a file that is not what its size and digest say, no coordinate system) with the standard's own error body.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from stdnum.nl import bsn

from core.ids import new_id

Row = dict[str, Any]


def _rsin(number: str) -> str:
    """Nine digits that pass the same test as a BSN."""
    if not bsn.is_valid(number) or len(number) != 9:
        raise ValueError("rsin")
    return number


Rsin = Annotated[str, AfterValidator(_rsin)]
Number = Annotated[str, StringConstraints(max_length=40)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://", max_length=1000)]
Confidentiality = Literal[
    "openbaar", "beperkt_openbaar", "intern", "zaakvertrouwelijk", "vertrouwelijk", "confidentieel", "geheim",
    "zeer_geheim",
]  # fmt: skip


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _OtherCase(_Body):
    url: Url
    aardRelatie: Literal["vervolg", "onderwerp", "bijdrage"]  # noqa: N815 - the standard's name


class _Zaak(_Body):
    identificatie: Number = ""
    bronorganisatie: Rsin
    omschrijving: Annotated[str, StringConstraints(max_length=80)] = ""
    toelichting: Annotated[str, StringConstraints(max_length=1000)] = ""
    zaaktype: Url
    verantwoordelijkeOrganisatie: Rsin  # noqa: N815
    startdatum: date
    vertrouwelijkheidaanduiding: Confidentiality = "openbaar"
    relevanteAndereZaken: list[_OtherCase] = []  # noqa: N815


class _Integrity(_Body):
    algoritme: Literal["crc_16", "crc_32", "crc_64", "fletcher_4", "fletcher_8", "fletcher_16", "fletcher_32", "hmac",
                       "md5", "sha_1", "sha_256", "sha_512", "sha_3"]  # fmt: skip
    waarde: Annotated[str, StringConstraints(max_length=128)]
    datum: date


class _Document(_Body):
    identificatie: Number = ""
    bronorganisatie: Rsin
    creatiedatum: date
    titel: Annotated[str, StringConstraints(max_length=200)]
    auteur: Annotated[str, StringConstraints(max_length=200)]
    taal: Annotated[str, StringConstraints(min_length=3, max_length=3)]
    formaat: Annotated[str, StringConstraints(max_length=255)] = ""
    bestandsnaam: Annotated[str, StringConstraints(max_length=255)] = ""
    bestandsomvang: Annotated[int, Field(ge=0)] | None = None
    inhoud: str | None = None
    integriteit: _Integrity | None = None
    informatieobjecttype: Url
    vertrouwelijkheidaanduiding: Confidentiality = "openbaar"
    status: Literal["in_bewerking", "ter_vaststelling", "definitief", "gearchiveerd"] | None = None


class _Link(_Body):
    zaak: Url
    informatieobject: Url


class _Person(_Body):
    geslachtsnaam: Annotated[str, StringConstraints(max_length=200)] = ""


class _Rol(_Body):
    zaak: Url
    betrokkeneType: Literal["natuurlijk_persoon"]  # noqa: N815
    roltype: Url
    roltoelichting: Annotated[str, StringConstraints(max_length=1000)]
    betrokkeneIdentificatie: _Person  # noqa: N815


class _Status(_Body):
    zaak: Url
    statustype: Url
    datumStatusGezet: AwareDatetime  # noqa: N815


class _Refused(Exception):
    """The standard's validation error: which field, and its code."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(name, code)
        self.name, self.code = name, code


class SimulatedRegistry:
    """The registry's side of the world. `base` is where it is reached; give it once the port is known."""

    def __init__(self, client_id: str, secret: str, case_type: str) -> None:
        self._client_id = client_id
        self._secret = secret
        self._case_type = case_type
        self.base = ""
        self.kept: dict[str, list[Row]] = {
            name: []
            for name in ("zaken", "enkelvoudiginformatieobjecten", "zaakinformatieobjecten", "rollen", "statussen")
        }
        self.files: dict[str, bytes] = {}
        self.away = False
        """Answers 503 to everything while this is set."""
        self.dies_after: int | None = None
        """Answers 503 once so many things were filed."""

    def access(self) -> dict[str, str]:
        """Its three APIs, by the names of the settings."""
        return {name: f"{self.base}/{name}/api/v1" for name in ("zaken", "documenten", "catalogi")}

    def app(self) -> FastAPI:
        """Its HTTP side."""
        app = FastAPI(title="A registry of cases", docs_url=None, redoc_url=None)

        @app.middleware("http")
        async def guard(request: Request, call_next: Any) -> Response:
            if self.away or (self.dies_after is not None and sum(map(len, self.kept.values())) >= self.dies_after):
                return _problem(503, "error", [])
            if not self._knows(request.headers.get("authorization", "")):
                return _problem(403, "permission_denied", [])
            if request.url.path.startswith("/zaken/"):
                if request.headers.get("accept-crs") != "EPSG:4326":
                    return _problem(406, "not_acceptable", [])
                if request.method == "POST" and request.headers.get("content-crs") != "EPSG:4326":
                    return _problem(412, "precondition_failed", [])
            answer: Response = await call_next(request)
            return answer

        @app.exception_handler(_Refused)
        async def refused(_: Request, error: _Refused) -> Response:
            return _problem(400, "invalid", [{"name": error.name, "code": error.code, "reason": error.code}])

        @app.exception_handler(RequestValidationError)
        async def invalid(_: Request, error: RequestValidationError) -> Response:
            wrong = [{"name": str(e["loc"][-1]), "code": e["type"], "reason": e["msg"]} for e in error.errors()]
            return _problem(400, "invalid", wrong)

        self._catalogue(app)
        self._filing(app)
        return app

    def _catalogue(self, app: FastAPI) -> None:
        @app.get("/catalogi/api/v1/zaaktypen")
        def case_types(identificatie: str) -> Row:
            return _page(
                [{"url": self._type("zaaktypen"), "identificatie": self._case_type}]
                * (identificatie == self._case_type)
            )

        @app.get("/catalogi/api/v1/zaaktype-informatieobjecttypen")
        def document_types(zaaktype: str) -> Row:
            return _page([{"zaaktype": zaaktype, "informatieobjecttype": self._type("informatieobjecttypen")}])

        @app.get("/catalogi/api/v1/roltypen")
        def role_types(zaaktype: str, omschrijvingGeneriek: str) -> Row:  # noqa: N803
            return _page(
                [{"url": self._type("roltypen"), "zaaktype": zaaktype, "omschrijvingGeneriek": omschrijvingGeneriek}]
            )

        @app.get("/catalogi/api/v1/statustypen")
        def status_types(zaaktype: str) -> Row:
            return _page([{"url": self._type("statustypen"), "zaaktype": zaaktype, "volgnummer": 1}])

    def _filing(self, app: FastAPI) -> None:
        @app.get("/zaken/api/v1/zaken")
        @app.get("/documenten/api/v1/enkelvoudiginformatieobjecten")
        @app.get("/zaken/api/v1/rollen")
        @app.get("/zaken/api/v1/statussen")
        def paged(request: Request) -> Row:
            return _page(self._like(request))

        @app.get("/zaken/api/v1/zaakinformatieobjecten")
        def whole(request: Request) -> list[Row]:
            return self._like(request)

        @app.post("/zaken/api/v1/zaken", status_code=201)
        def file_case(body: _Zaak) -> Row:
            self._expect(body.zaaktype == self._type("zaaktypen"), "zaaktype", "bad-url")
            self._alone("zaken", body.identificatie, body.bronorganisatie)
            for other in body.relevanteAndereZaken:
                self._expect(self._is_kept("zaken", other.url), "relevanteAndereZaken", "bad-url")
            return self._keep("zaken", "zaken", body)

        @app.post("/documenten/api/v1/enkelvoudiginformatieobjecten", status_code=201)
        def file_document(body: _Document) -> Row:
            known = body.informatieobjecttype == self._type("informatieobjecttypen")
            self._expect(known, "informatieobjecttype", "bad-url")
            self._alone("enkelvoudiginformatieobjecten", body.identificatie, body.bronorganisatie)
            try:
                data = base64.b64decode(body.inhoud or "", validate=True)
            except binascii.Error as error:
                raise _Refused("inhoud", "incorrect-encoded-base64") from error
            self._expect(len(data) == body.bestandsomvang, "bestandsomvang", "file-size")
            if body.integriteit is not None and body.integriteit.algoritme == "sha_256":
                self._expect(hashlib.sha256(data).hexdigest() == body.integriteit.waarde, "integriteit", "invalid")
            row = self._keep("documenten", "enkelvoudiginformatieobjecten", body.model_copy(update={"inhoud": None}))
            self.files[row["url"]] = data
            return row

        @app.post("/zaken/api/v1/zaakinformatieobjecten", status_code=201)
        def link(body: _Link) -> Row:
            self._expect(self._is_kept("zaken", body.zaak), "zaak", "bad-url")
            self._expect(body.informatieobject in self.files, "informatieobject", "bad-url")
            return self._keep("zaken", "zaakinformatieobjecten", body)

        @app.post("/zaken/api/v1/rollen", status_code=201)
        def role(body: _Rol) -> Row:
            self._expect(self._is_kept("zaken", body.zaak), "zaak", "bad-url")
            return self._keep("zaken", "rollen", body)

        @app.post("/zaken/api/v1/statussen", status_code=201)
        def status(body: _Status) -> Row:
            self._expect(self._is_kept("zaken", body.zaak), "zaak", "bad-url")
            return self._keep("zaken", "statussen", body)

    def _type(self, kind: str) -> str:
        return f"{self.base}/catalogi/api/v1/{kind}/1"

    def _knows(self, header: str) -> bool:
        try:
            token = jwt.decode(header.removeprefix("Bearer "), OctKey.import_key(self._secret), ["HS256"])
        except (JoseError, ValueError):
            return False
        claims = token.claims
        return claims.get("client_id") == self._client_id == claims.get("iss") and isinstance(claims.get("iat"), int)

    def _like(self, request: Request) -> list[Row]:
        rows = self.kept[request.url.path.rsplit("/", 1)[-1]]
        return [row for row in rows if all(row.get(name) == value for name, value in request.query_params.items())]

    def _keep(self, api: str, kind: str, body: BaseModel) -> Row:
        row = {"url": f"{self.base}/{api}/api/v1/{kind}/{new_id()}", **body.model_dump(mode="json")}
        self.kept[kind].append(row)
        return row

    def _is_kept(self, kind: str, url: str) -> bool:
        return any(row["url"] == url for row in self.kept[kind])

    def _alone(self, kind: str, number: str, owner: str) -> None:
        double = any(row["identificatie"] == number and row["bronorganisatie"] == owner for row in self.kept[kind])
        self._expect(not double, "identificatie", "identificatie-niet-uniek")

    @staticmethod
    def _expect(holds: bool, name: str, code: str) -> None:
        if not holds:
            raise _Refused(name, code)


def _page(rows: list[Row]) -> Row:
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


def _problem(status: int, code: str, wrong: Sequence[Mapping[str, Any]]) -> Response:
    body = {
        "type": "about:blank",
        "code": code,
        "title": code,
        "status": status,
        "detail": code,
        "instance": "",
        "invalidParams": wrong,
    }
    return JSONResponse(body, status, media_type="application/problem+json")
