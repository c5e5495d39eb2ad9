"""What the centre tells those who run it is true: ready or not, and its counters on their own address."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from fsbus.server.centre import Centre
from fsbus.server.database import Connection
from tests.server.application import InProcess
from tests.server.laptop import HttpLaptop, Notebook, enrol


@pytest.fixture
def application(centre: Centre) -> Iterator[InProcess]:
    made = InProcess(centre, metrics_port=80)
    yield made
    made.close()


def test_ready_once_the_database_answers(application: InProcess) -> None:
    answered = application.ask("GET", "/readyz", {}, b"")
    assert (answered.status, answered.body) == (200, b"ready\n")


def test_a_database_of_another_schema_is_not_ready(
    application: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsbus.server.migrations.head", lambda: "v9999")
    answered = application.ask("GET", "/readyz", {}, b"")
    assert (answered.status, answered.body) == (503, b"the database has another schema\n")
    assert application.ask("GET", "/healthz", {}, b"").status == 200


def test_a_database_that_is_away_is_not_ready_and_is_counted(
    centre: Centre, application: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Connection:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(centre.database, "read", away)
    assert application.ask("GET", "/readyz", {}, b"").status == 503
    assert application.ask("GET", "/healthz", {}, b"").status == 200
    assert b"fsbus_database_errors_total 1.0" in application.ask("GET", "/metrics", {}, b"").body


def test_who_asks_again_and_again_does_not_ask_the_database(
    centre: Centre, application: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = centre.database.read

    @contextmanager
    def counted() -> Iterator[Connection]:
        asked.append(1)
        with real() as connection:
            yield connection

    monkeypatch.setattr(centre.database, "read", counted)
    assert {application.ask("GET", "/readyz", {}, b"").status for _ in range(20)} == {200}
    assert len(asked) <= 2


def test_counters_tell_routes_statuses_results_and_refusals(centre: Centre, application: InProcess) -> None:
    laptop = HttpLaptop("", enrol(centre))
    query = f"replica={Notebook().replica}"
    signed = laptop.sign("GET", "/v1/hello", query, "application/json", b"")
    assert application.ask("GET", f"/v1/hello?{query}", signed, b"").status == 200
    assert application.ask("GET", f"/v1/hello?{query}&x=1", signed, b"").status == 401
    assert application.ask("GET", "/v1/nothing", {}, b"").status == 404
    lines = application.ask("GET", "/metrics", {}, b"").body.decode().splitlines()
    for line in (
        'fsbus_requests_total{route="/v1/hello",status="200"} 1.0',
        'fsbus_requests_total{route="/v1/hello",status="401"} 1.0',
        'fsbus_requests_total{route="other",status="404"} 1.0',
        'fsbus_refusals_total{problem="unknown_device",route="/v1/hello"} 1.0',
        'fsbus_request_seconds_count{route="/v1/hello"} 2.0',
    ):
        assert line in lines


def test_the_counters_are_not_told_where_laptops_ask(centre: Centre) -> None:
    for port in (None, 9108):
        elsewhere = InProcess(centre, metrics_port=port)
        assert elsewhere.ask("GET", "/metrics", {"host": "127.0.0.1:9108"}, b"").status == 404
        elsewhere.close()
