"""Writes the OpenAPI document from the table of routes and the messages' own types."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fsbus.server.endpoint import JSON, STATUS
from fsbus.server.routes import Content, Parameter, Route
from fsbus.wire import signing
from fsbus.wire.api import Problem

EVERY_SIGNED = ("malformed", "unknown_device", "revoked", "pending", "too_large", "busy", "bug")
"""Refusals of every signed route."""
_DIGEST = r"^sha-256=:[A-Za-z0-9+/]{43}=:$"
_SIGNATURE = r"^fs=:[A-Za-z0-9+/]{1,120}={0,2}:$"
_SIGNED_BY = {
    "Content-Digest": (_DIGEST, "SHA-256 of the body (RFC 9530), of nothing when there is none."),
    "FSBus-Audience": ("^fsbus-[0-9a-f]{12}$", "The centre's audience, told at enrolment."),
    "Signature-Input": (r"^fs=\(.*$", "RFC 9421, in the one shape of PROTOCOL.md « Signatures »."),
    "Signature": (_SIGNATURE, "The Ed25519 signature of the device."),
}
_ANSWERED_WITH = {name: _SIGNED_BY[name] for name in ("Content-Digest", "Signature-Input", "Signature")}
_Schema = dict[str, Any]


def document(routes: Iterable[Route], version: str) -> _Schema:
    """The OpenAPI 3.1 document of these routes, ready to be encoded."""
    listed = list(routes)
    schemas = _Schemas(listed)
    paths: _Schema = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fsbus: the centre",
            "version": version,
            "description": (
                "Every request under /v1 but an enrolment is signed by its device, and every answer to it by the centre; "
                f"both signatures carry the tag {signing.TAG}. PROTOCOL.md is the contract."
            ),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "parameters": {
                name: {"name": name, "in": "header", "required": True, "description": words, "schema": _text(pattern)}
                for name, (pattern, words) in _SIGNED_BY.items()
            },
            "headers": {
                name: {"required": True, "description": words, "schema": _text(pattern)}
                for name, (pattern, words) in _ANSWERED_WITH.items()
            },
        },
    }  # fmt: skip


class _Schemas:
    """The schemas of all types of the routes, each struct by reference."""

    def __init__(self, routes: Iterable[Route]) -> None:
        kinds: list[Any] = [Problem]
        for route in routes:
            kinds += [parameter.kind for parameter in route.parameters]
            for content in (route.answer, route.body):
                if content is not None:
                    kinds += [
                        kind for kind in (content.model, content.header, content.line) if kind is not None
                    ]
        made, self.components = msgspec.json.schema_components(
            kinds, ref_template="#/components/schemas/{name}"
        )
        self._made = [(kind, schema) for kind, schema in zip(kinds, made, strict=True)]

    def of(self, kind: Any) -> _Schema:
        return next(schema for known, schema in self._made if known is kind)


def _operation(route: Route, schemas: _Schemas) -> _Schema:
    parameters: list[_Schema] = [_parameter(parameter, schemas) for parameter in route.parameters]
    if route.signed:
        parameters += [{"$ref": f"#/components/parameters/{name}"} for name in _SIGNED_BY]
    operation: _Schema = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()} {route.path}").strip("_"),
        "summary": route.summary,
        "responses": _responses(route, schemas),
    }
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, schemas)}
    return operation


def _parameter(parameter: Parameter, schemas: _Schemas) -> _Schema:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required or parameter.place == "path",
        "schema": schemas.of(parameter.kind),
    }


def _responses(route: Route, schemas: _Schemas) -> _Schema:
    signed: _Schema = (
        {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _ANSWERED_WITH}}
        if route.signed
        else {}
    )
    found: _Schema = {
        str(route.status): {
            "description": "Done.",
            "content": _content(route.answer, schemas),
            **signed,
        }
    }
    for status, problems in sorted(_by_status(route).items()):
        named = {"properties": {"problem": {"enum": problems}}}
        found[str(status)] = {
            "description": f"Refused: {', '.join(problems)} (PROTOCOL.md « Refusals »).",
            "content": {JSON: {"schema": {"allOf": [schemas.of(Problem), named]}}},
            **signed,
        }
    for status in route.plain_refusals:
        found[str(status)] = {
            "description": "Not so.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    return found  # fmt: skip


def _by_status(route: Route) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for problem in (*(EVERY_SIGNED if route.signed else ()), *route.problems):
        found.setdefault(STATUS[problem], []).append(problem)
    return found


def _content(content: Content, schemas: _Schemas) -> _Schema:
    if content.model is not None:
        schema = schemas.of(content.model)
    elif content.media_type == JSON:
        schema = {"type": "object"}
    elif content.media_type.startswith("text/"):
        schema = {"type": "string"}
    else:
        # Not text: the lines inside are described beside, for those who build or read them.
        schema = {"type": "string", "format": "binary"}
    if content.largest is not None and content.header is not None:
        schema = {**schema, "maxLength": content.largest}
    described: _Schema = {"schema": schema}
    if content.header is not None and content.line is not None:
        described["x-zstd-of-lines"] = {
            "header": schemas.of(content.header),
            "line": schemas.of(content.line),
        }
    return {content.media_type.partition(";")[0]: described}


def _text(pattern: str) -> _Schema:
    return {"type": "string", "pattern": pattern}
