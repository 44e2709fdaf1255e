"""The API's description (OpenAPI 3.1), as the national rules for APIs want it: server with the major version, contact,
the version in every answer, problems for every error, and an example of each body."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.deprecation import deprecations
from api.idempotency import takes_key
from api.problems import INVALID_INPUT_SCHEMA, PROBLEM_SCHEMA, example_problem
from api.security_headers import API_VERSION
from core.settings import Settings

PREFIX = "/v1"

TAGS = {
    "cameras": "Camera networks push signed captures",
    "citizens": "By what stands on a letter: case, photo, payment, statement, appeal",
    "professionals": "Lawyers, appeal bureaus, leasing firms",
    "webhooks": "Be told of what happens to cases that you act in",
    "handlers": "People who work here: captures, plates, statements",
    "appeals": "Administrative appeals: list, handling, hearings, letters",
    "courts": "Cases at court: dossier, sittings, rulings",
    "cashier": "Money in and out, and the books",
    "collection": "Instalments and recovery",
    "mail": "Letters on their way and back",
    "payments": "What the payment provider tells",
    "operations": "Is it up, and what is this?",
}

_SAMPLES: dict[str, Any] = {
    "caseNumber": "9000000000000001",
    "plate": "GB-001-B",
    "accessCode": "K7Q4 2MXD",
    "paymentReference": "4161690096620702",
    "iban": "NL91ABNA0417164300",
    "name": "T. Testpersoon",
    "street": "Proefstraat 1",
    "postcode": "1000 AA",
    "city": "Proefdorp",
    "country": "Nederland",
    "birthPlace": "Proefdorp",
    "address": "Proefstraat 1, 1000 AA Proefdorp",
    "municipality": "Utrecht",
    "place": "Teststraat",
    "reason": "contract seen",
    "purpose": "complaint of the keeper",
    "grounds": "Mijn auto stond bij de garage.",
    "motivation": "De foto is duidelijk.",
    "account": "Het voertuig was verhuurd.",
    "reference": "2026-0815",
    "office": "Voorbeeld Advocaten",
    "month": "2026-09",
    "language": "nl",
    "offenceCode": "VA009",
    "plateCountry": "NL",
    "code": "XJ0mWq3v9cT1kR7yB2nL5sD8fG4hP6aE",
    "publicKey": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "proof": "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
"""What a field of this name may hold; a schema that does not allow it gets what it allows."""
_UUID = "01a21842-5d1e-7c3a-9b1f-2f6f3f0c8a11"
_BY_FORMAT = {"date": "2026-09-14", "date-time": "2026-09-14T10:00:00Z", "uuid": _UUID, "binary": "JVBERi0xLjcK"}


def operation_name(route: APIRoute) -> str:
    """Of whom it is for and what it does: a client's functions are named by it."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def describe(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The whole description; made once."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": f"{settings.site}{PREFIX}"}],
        tags=[{"name": name, "description": told} for name, told in TAGS.items()],
    )
    document["info"]["contact"] = {
        "name": settings.authority_name,
        "email": settings.authority_email,
        "url": settings.public_url,
    }
    schemas = document["components"]["schemas"]
    _name_forms(document)
    schemas |= {"Problem": PROBLEM_SCHEMA, "InvalidInput": INVALID_INPUT_SCHEMA}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["paths"] = {path.removeprefix(PREFIX): item for path, item in document["paths"].items()}
    samples = _Samples(schemas)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _complete(method, f"{PREFIX}{path}", operation, samples)
    return document


def _name_forms(document: dict[str, Any]) -> None:
    """Forms get a name of their own instead of the framework's, which is made of a function and a path."""
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for operation in item.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                made = body["schema"].get("$ref", "").rsplit("/", 1)[-1]
                if made.startswith("Body_"):
                    words = re.findall(r"[a-z]+", re.sub(r"\{.*?\}", "", path.removeprefix(PREFIX)))
                    name = "".join(word.title() for word in words) + "Form"
                    schemas[name] = {**schemas.pop(made), "title": name}
                    for part in schemas[name].get("properties", {}).values():
                        if "contentMediaType" in part:
                            # Both ways of saying that it is a file: generators of clients know the older one.
                            part["format"] = "binary"
                    body["schema"]["$ref"] = f"#/components/schemas/{name}"


def _complete(method: str, path: str, operation: dict[str, Any], samples: "_Samples") -> None:
    answers = operation["responses"]
    _complete_calls(method, path, operation)
    # Invalid input is answered with 400 and a problem document, never with 422.
    answers.pop("422", None)
    if takes_key(method, path):
        answers |= {"409": answers.get("409", {}), "413": answers.get("413", {})}
    if operation.get("parameters") or method not in ("get", "delete"):
        answers["400"] = _refusal(400)
    answers |= {status: _refusal(int(status)) for status in answers if int(status) >= 400}
    for status, answer in answers.items():
        answer.setdefault("headers", {})["API-Version"] = {
            "description": "The full version of the API",
            "schema": {"type": "string"},
            "example": API_VERSION,
        }
        for kind, body in answer.get("content", {}).items():
            if "json" in kind and int(status) < 400:
                body["example"] = samples.of(body.get("schema", {}), "")
            elif "json" not in kind:
                body.setdefault("schema", {"type": "string", "format": "binary"})
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        if "json" in kind:
            body["example"] = samples.of(body.get("schema", {}), "")


def _complete_calls(method: str, path: str, operation: dict[str, Any]) -> None:
    """What a caller may send with it, and whether it will go."""
    if takes_key(method, path):
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)
    going = deprecations().get(f"{method.upper()} {path}")
    if going is not None:
        operation["deprecated"] = True
        operation["x-sunset"] = going.sunset.isoformat()
        told = f"Goes on {going.sunset.isoformat()}; use {going.successor}."
        operation["description"] = f"{operation.get('description', '')}\n\n{told}".strip()


_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within a day, the call acts once and gets the same answer",
    "schema": {"type": "string", "pattern": "^[!#-~]{1,255}$"},
    "example": "0e4f6f0e-5c2b-4f5e-9b7d-2f0b6f3c8a11",
}


def _refusal(status: int) -> dict[str, Any]:
    schema = "InvalidInput" if status == 400 else "Problem"
    problem = example_problem(status)
    return {
        "description": problem["title"],
        "content": {
            "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": problem}
        },
    }


class _Samples:
    """Values that schemas allow, the same each time."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def of(self, schema: Mapping[str, Any], name: str) -> Any:
        """One for a field of this name."""
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rsplit("/", 1)[1]], name)
        for word in ("const", "default", "enum", "examples"):
            if schema.get(word) is not None:
                return schema[word][0] if word in ("enum", "examples") else schema[word]
        for word in ("anyOf", "oneOf", "allOf"):
            if word in schema:
                return self.of(schema[word][0], name)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            items = schema.get("prefixItems")
            return [self.of(one, name) for one in items] if items else [self.of(schema.get("items", {}), name)]
        if kind == "string":
            return self._text(schema, name)
        if kind == "integer":
            return max(1, schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        return {"number": 0.97, "boolean": True, "null": None}.get(str(kind), {})

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        known = schema.get("properties", {})
        found = {name: self.of(one, name) for name, one in known.items()}
        more = schema.get("additionalProperties")
        if not known and isinstance(more, dict):
            found = {"name": self.of(more, "name")}
        return found

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if (form := schema.get("format")) in _BY_FORMAT:
            return _BY_FORMAT[form]
        fallbacks = [_SAMPLES.get(name), _UUID if name.lower().endswith("id") else None, "voorbeeld", "a", _UUID, ""]
        for text in fallbacks:
            if text is not None and _allowed(schema, text):
                return text
        raise ValueError(f"give {name} an example: {schema}")


def _allowed(schema: Mapping[str, Any], text: str) -> bool:
    fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return fits and re.search(schema.get("pattern", ""), text) is not None
