"""A registry that speaks the Dutch standard for case-oriented work (ZGW: Zaken, Documenten and Catalogi API 1).

A case becomes a zaak with the appellant as initiator (rol), its documents as enkelvoudige informatieobjecten, and the
first status of its type. Everything is looked up by its number first, so that filing twice files once.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from appeals.registry import CourtFile, FiledDocument, RegistryAway
from core import zgw
from core.clock import Clock, local_date

_CRS = {"Accept-Crs": "EPSG:4326", "Content-Crs": "EPSG:4326"}
_CONFIDENTIAL = "zaakvertrouwelijk"


@dataclass(frozen=True)
class ZgwAccess:
    """Where the three APIs are (up to and with the version), who we are, and the type of case that we file.

    `rsin` is our number as a legal person; `case_type` the identification of a zaaktype in the registry's catalogue.
    """

    zaken_url: str
    documenten_url: str
    catalogi_url: str
    client_id: str
    secret: str
    rsin: str
    case_type: str


@dataclass(frozen=True)
class _Types:
    """Addresses in the catalogue."""

    case: str
    document: str
    role: str
    status: str


class ZgwRegistry:
    """See module."""

    def __init__(self, access: ZgwAccess, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._client = httpx.Client(timeout=60, trust_env=False)

    def file(self, case: CourtFile) -> dict[str, Any]:
        """See CourtRegistry."""
        try:
            types = self._types()
            zaak = self._case(case, types)
            documents = [self._document(case, document, zaak, types) for document in case.documents]
            self._initiator(case, zaak, types)
            self._status(zaak, types)
        except (httpx.HTTPError, LookupError, TypeError, ValueError) as error:
            raise RegistryAway(_told(error)) from error
        return {"zaak": zaak, "number": case.number, "documents": documents}

    def _types(self) -> _Types:
        catalogue = self._access.catalogi_url
        case = self._one(f"{catalogue}/zaaktypen", {"identificatie": self._access.case_type})["url"]
        related = self._one(f"{catalogue}/zaaktype-informatieobjecttypen", {"zaaktype": case})
        role = self._one(f"{catalogue}/roltypen", {"zaaktype": case, "omschrijvingGeneriek": "initiator"})
        statuses = self._found(f"{catalogue}/statustypen", {"zaaktype": case})
        first = min(statuses, key=lambda status: status["volgnummer"])
        return _Types(case, related["informatieobjecttype"], role["url"], first["url"])

    def _case(self, case: CourtFile, types: _Types) -> str:
        known = {"identificatie": case.number, "bronorganisatie": self._access.rsin}
        others = [
            zaak["url"]
            for number in case.with_numbers
            for zaak in self._found(f"{self._access.zaken_url}/zaken", {**known, "identificatie": number})
        ]
        return self._once(
            f"{self._access.zaken_url}/zaken",
            known,
            {
                **known,
                "omschrijving": f"Beroep Wahv, {case.court}"[:80],
                "zaaktype": types.case,
                "verantwoordelijkeOrganisatie": self._access.rsin,
                "startdatum": case.filed_on.isoformat(),
                "vertrouwelijkheidaanduiding": _CONFIDENTIAL,
                "relevanteAndereZaken": [{"url": url, "aardRelatie": "onderwerp"} for url in others],
            },
        )

    def _document(self, case: CourtFile, document: FiledDocument, zaak: str, types: _Types) -> dict[str, str]:
        digest = hashlib.sha256(document.data).hexdigest()
        known = {"identificatie": document.number, "bronorganisatie": self._access.rsin}
        url = self._once(
            f"{self._access.documenten_url}/enkelvoudiginformatieobjecten",
            known,
            {
                **known,
                "creatiedatum": self._today().isoformat(),
                "titel": f"{document.name}, zaak {case.number}",
                "auteur": self._access.client_id,
                "taal": "nld",
                "formaat": document.media_type,
                "bestandsnaam": document.name,
                "bestandsomvang": len(document.data),
                "inhoud": base64.b64encode(document.data).decode(),
                "integriteit": {"algoritme": "sha_256", "waarde": digest, "datum": self._today().isoformat()},
                "informatieobjecttype": types.document,
                "vertrouwelijkheidaanduiding": _CONFIDENTIAL,
                "status": "definitief",
            },
        )
        link = {"zaak": zaak, "informatieobject": url}
        self._once(f"{self._access.zaken_url}/zaakinformatieobjecten", link, link)
        return {"name": document.name, "url": url, "sha256": digest}

    def _initiator(self, case: CourtFile, zaak: str, types: _Types) -> None:
        self._once(
            f"{self._access.zaken_url}/rollen",
            {"zaak": zaak, "roltype": types.role},
            {
                "zaak": zaak,
                "betrokkeneType": "natuurlijk_persoon",
                "roltype": types.role,
                "roltoelichting": "indiener van het beroepschrift",
                "betrokkeneIdentificatie": {"geslachtsnaam": case.appellant},
            },
        )

    def _status(self, zaak: str, types: _Types) -> None:
        moment = self._clock.now().isoformat()
        known = {"zaak": zaak, "statustype": types.status}
        self._once(f"{self._access.zaken_url}/statussen", known, {**known, "datumStatusGezet": moment})

    def _once(self, url: str, known: Mapping[str, str], body: Mapping[str, Any]) -> str:
        """The address of what is there under these properties; it is made where nothing is."""
        found = self._found(url, known)
        if found:
            return str(found[0]["url"])
        answer = self._client.post(url, json=dict(body), headers=self._headers()).raise_for_status()
        return str(answer.json()["url"])

    def _one(self, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        found = self._found(url, query)
        if len(found) != 1:
            raise LookupError(f"{len(found)} at {url}")
        return found[0]

    def _found(self, url: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Some lists come in pages, others whole."""
        answer = self._client.get(url, params=dict(query), headers=self._headers()).raise_for_status().json()
        rows: list[dict[str, Any]] = answer["results"] if isinstance(answer, dict) else answer
        return rows

    def _headers(self) -> dict[str, str]:
        return {**zgw.bearer(self._access.client_id, self._access.secret), **_CRS}

    def _today(self) -> date:
        return local_date(self._clock.now())


def _told(error: Exception) -> str:
    """What went wrong, with the field that the registry refused, but nothing of what was sent."""
    if isinstance(error, httpx.HTTPStatusError):
        try:
            refused = [f"{one['name']}: {one['code']}" for one in error.response.json().get("invalidParams", [])]
        except (ValueError, AttributeError, KeyError):
            refused = []
        return f"{error.response.status_code} at {error.request.url.path} ({'; '.join(refused) or 'no reason given'})"
    return f"{type(error).__name__}: {error}"[:200]
