"""Requests made up from the served OpenAPI document: every answer is as the document says."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fsbus.server.admin import check
from fsbus.server.centre import Centre
from fsbus.wire.version import CONTENT_TYPE
from tests.server.application import Answered, InProcess
from tests.server.laptop import FEED, HttpLaptop, Notebook, enrol

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
JSON = "application/json"
Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]


def opened(value: Any) -> Any:
    """The document with each message as JSON of its header and lines: what the maker of requests can fill in."""
    if isinstance(value, list):
        return [opened(item) for item in value]
    if not isinstance(value, dict):
        return value
    if CONTENT_TYPE in value:
        inside = value[CONTENT_TYPE]["x-zstd-of-lines"]
        lines = {"type": "array", "items": inside["line"], "maxItems": 4}
        schema = {
            "type": "object",
            "required": ["header", "lines"],
            "properties": {"header": inside["header"], "lines": lines},
        }
        return {JSON: {"schema": schema}}
    if "prefixItems" in value:
        # The judge writes a tuple in the old way, then refuses it: it is told of any of its members.
        value = {**value, "items": {"anyOf": value["prefixItems"]}}
        del value["prefixItems"]
    return {name: opened(item) for name, item in value.items()}


class Driver:
    """Sends the cases, signed by an enrolled device, and judges the answers by the document."""

    def __init__(self, centre: Centre, application: InProcess) -> None:
        self._centre, self._application = centre, application
        self._laptop = HttpLaptop("", enrol(centre))
        served = json.loads(application.ask("GET", "/openapi.json", {}, b"").body)
        schema = schemathesis.openapi.from_dict(opened(served))
        found = [operation.ok() for operation in schema.get_all_operations() if isinstance(operation, Ok)]
        self.operations: list[Operation] = list(found)
        self.messages = {
            (method.upper(), path)
            for path, item in served["paths"].items()
            for method, operation in item.items()
            if CONTENT_TYPE in operation.get("requestBody", {}).get("content", {})
        }
        self.statuses: set[int] = set()

    def send(self, case: Case, *, mend: bool, sign: bool) -> None:
        """Send one case, mended or signed if wanted, and fail when its answer is not one of the document's."""
        prepared = self._prepared(case, mend=mend)
        parts = urlsplit(str(prepared.url))
        body = prepared.body if isinstance(prepared.body, bytes) else (prepared.body or "").encode()
        sent_as = CONTENT_TYPE if self._is_message(case) else JSON
        headers = {"content-type": sent_as, **_not_signed(case)}
        if sign:
            headers |= self._laptop.sign(str(prepared.method), parts.path, parts.query, sent_as, body)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answered = self._application.ask(str(prepared.method), target, headers, body)
        self.statuses.add(answered.status)
        case.validate_response(self._judged(prepared, answered), checks=CHECKS)

    def _is_message(self, case: Case) -> bool:
        return (case.operation.method.upper(), case.operation.path) in self.messages

    def _prepared(self, case: Case, *, mend: bool) -> requests.PreparedRequest:
        if mend:
            self._mend(case)
        named = case.as_transport_kwargs(base_url="http://centre.test")
        if self._is_message(case):
            named.pop("json", None)
            named["data"] = self._packed(case.body, mend=mend)
        named = {
            name: value
            for name, value in named.items()
            if name in ("method", "url", "params", "data", "json")
        }
        return requests.Request(**named).prepare()

    def _mend(self, case: Case) -> None:
        """Put in what chance would never find: a replica, the feed of this device, a place in a file."""
        known = {"replica": Notebook().replica, "feed": FEED, "bucket": 7}
        for place in (case.query, case.path_parameters, case.body):
            if isinstance(place, dict):
                place |= {name: value for name, value in known.items() if name in place}
        if "range" in case.headers:
            case.headers["range"] = "bytes=0-99"

    def _packed(self, value: Any, *, mend: bool) -> bytes:
        if isinstance(value, bytes):
            return zstd.compress(value)
        header = value.get("header") if isinstance(value, Mapping) else value
        lines = value.get("lines") if isinstance(value, Mapping) else []
        lines = lines if isinstance(lines, list) else [lines]
        if mend and isinstance(header, dict):
            header |= {
                "replica": Notebook().replica, "epoch": self._centre.epoch, "first": 1, "n": len(lines),
                "pull": {FEED: 0},
            }  # fmt: skip
        return zstd.compress(
            b"\n".join(
                json.dumps(line, default=repr).encode("utf-8", "surrogatepass") for line in [header, *lines]
            )
        )

    def _judged(self, prepared: requests.PreparedRequest, answered: Answered) -> schemathesis.Response:
        headers, body = dict(answered.headers), answered.body
        if headers.get("content-type") == CONTENT_TYPE:
            first, *lines = [json.loads(line) for line in zstd.decompress(body).split(b"\n")]
            headers["content-type"], body = JSON, json.dumps({"header": first, "lines": lines}).encode()
        listed = {name: [value] for name, value in headers.items()}
        return schemathesis.Response(answered.status, listed, body, prepared, 0.01, True)


def _not_signed(case: Case) -> dict[str, str]:
    """The headers of a case that no signature replaces, as far as HTTP carries them."""
    return {
        name: str(value).encode("latin-1", "replace").decode("latin-1")
        for name, value in (case.headers or {}).items()
        if name.lower() == "range"
    }


@pytest.fixture
def driver(centre: Centre) -> Iterator[Driver]:
    application = InProcess(centre)
    yield Driver(centre, application)
    application.close()


def drive(driver: Driver, centre: Centre, examples: int) -> None:
    modes = st.sampled_from(list(schemathesis.GenerationMode))

    @settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(driver.operations))
        mode = data.draw(modes) if operation.path.startswith("/v1/") else schemathesis.GenerationMode.POSITIVE
        case = data.draw(operation.as_strategy(generation_mode=mode))
        driver.send(case, mend=data.draw(st.booleans()), sign=data.draw(st.integers(0, 9)) > 0)

    run()
    assert check(centre).problems == ()


def test_answers_to_made_up_requests_are_those_of_the_document(driver: Driver, centre: Centre) -> None:
    drive(driver, centre, 150)
    assert {200, 400, 401, 404} <= driver.statuses


@pytest.mark.torture
def test_thousands_of_made_up_requests(
    driver: Driver, centre: Centre, figures: Callable[[str], None]
) -> None:
    drive(driver, centre, 5_000)
    figures(f"made up from the document: 5000 requests, statuses {sorted(driver.statuses)}")


def test_an_answer_that_the_document_does_not_know_is_found(driver: Driver) -> None:
    """The judge can fail."""
    [hello] = [operation for operation in driver.operations if operation.path == "/v1/hello"]
    prepared = requests.Request("GET", "http://centre.test/v1/hello").prepare()
    wrong = Answered(200, {"content-type": JSON}, b'{"epoch":1}')
    with pytest.raises(BaseException, match=r"epoch|header"):
        hello.Case(query={"replica": "0" * 32}).validate_response(
            driver._judged(prepared, wrong), checks=CHECKS
        )
    with pytest.raises(BaseException, match="418"):
        hello.Case(query={"replica": "0" * 32}).validate_response(
            driver._judged(prepared, Answered(418, {}, b"")), checks=CHECKS
        )
