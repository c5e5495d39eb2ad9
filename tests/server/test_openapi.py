"""The served OpenAPI document is the application: the same routes, with the same types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fsbus.server.endpoint import STATUS
from fsbus.server.serving import EmbeddedCentre
from tests.server.application import routes_of
from tests.server.laptop import send, still_clock

Document = dict[str, Any]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=still_clock()) as running:
        yield running


@pytest.fixture
def document(served: EmbeddedCentre) -> Document:
    status, headers, body = send(served.url, "GET", "/openapi.json", {}, b"")
    assert (status, headers["content-type"]) == (200, "application/json")
    found: Document = msgspec.json.decode(body)
    return found


def test_every_route_of_the_application_is_in_the_document_and_the_reverse(
    served: EmbeddedCentre, document: Document
) -> None:
    written = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert written == routes_of(served.centre)
    assert ("POST", "/v1/sync") in written


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere(document: Document) -> None:
    found = set(references(document))
    assert {"#/components/schemas/Problem", "#/components/schemas/Op"} <= found
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for operation in item.values():
            yield path, operation


def test_every_signed_route_asks_for_a_signature_and_answers_with_one(document: Document) -> None:
    signed = {
        path for path, operation in operations(document) if path.startswith("/v1/") and path != "/v1/enroll"
    }
    for path, operation in operations(document):
        asked = {
            parameter.get("$ref", "").rpartition("/")[2] for parameter in operation.get("parameters", [])
        }
        answered = [set(answer.get("headers", {})) for answer in operation["responses"].values()]
        if path in signed:
            assert {"Signature", "Signature-Input", "Content-Digest", "FSBus-Audience"} <= asked
            assert all(names == {"Signature", "Signature-Input", "Content-Digest"} for names in answered)
        else:
            assert asked <= {""}
            assert not any(answered)


def test_every_refusal_has_its_status(document: Document) -> None:
    """What the document says of a problem is what the endpoint answers it with."""
    seen = set()
    for _, operation in operations(document):
        for status, answer in operation["responses"].items():
            schema = answer["content"].get("application/json", {}).get("schema", {})
            for part in schema.get("allOf", []):
                for problem in part.get("properties", {}).get("problem", {}).get("enum", []):
                    assert STATUS[problem] == int(status)
                    seen.add(problem)
    assert seen == set(STATUS)


def test_a_message_names_the_types_of_its_lines(document: Document) -> None:
    described = document["paths"]["/v1/sync"]["post"]["requestBody"]["content"]["application/vnd.fsbus.v1"]
    assert described["schema"]["maxLength"] == 8 * 1024 * 1024
    assert described["x-zstd-of-lines"]["line"] == {"$ref": "#/components/schemas/Op"}
    op = document["components"]["schemas"]["Op"]
    assert set(op["required"]) == {"seq", "record", "kind", "verb"}
