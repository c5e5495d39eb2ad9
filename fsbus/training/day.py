"""The day on the bus: two laptops, a centre, a bad link, a stick, and every promise checked."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.actions.reports import month_report_of
from fsbus.actions.session import Session
from fsbus.actions.visits import amend, record_visit
from fsbus.assets import resource
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.entities import VISIT
from fsbus.core.month_figures import MonthReport
from fsbus.core.reports import Names, month_report
from fsbus.server import admin
from fsbus.server.centre import open_centre
from fsbus.server.facts import month_facts
from fsbus.training import canton, processes, returning
from fsbus.training.account import Account, Step, files_with
from fsbus.training.laptops import Laptop, enroll, lines, sync

BUS_ID = "3"
FEED = f"bus-{BUS_ID}"
MORNING_VISITS, MORNING_RECORDS = 40, 90
FIRST_SHARE = (22, 50)
"""Visits and procedure records of the first laptop; the second has the rest."""
KILLED = 8
"""Visits of the first laptop that are being saved when it is killed."""
NEEDLE = "Ancienne institutrice, jardin de la rue aux Fèves"
"""A note that exists nowhere else: it must be readable in no file."""
AGENTS = ("Camille Lenoir", "Dominique Roussel")
NOTES = ("Relue par Camille.", "Relue par Dominique.")
"""What each laptop writes into the same field of the same visit."""
SEED = 20261124

Look = Callable[[Sequence[Session]], None]


@dataclass
class Day:
    """The day under way: its folder, its clock, the two laptops and what they must end with."""

    folder: Path
    clock: Clock
    passphrases: Sequence[str]
    say: Callable[[str], None] = lambda _: None
    look: Look = lambda _: None
    """Called with both open laptops while they show their conflict."""
    account: Account = field(default_factory=Account)
    laptops: list[Laptop] = field(default_factory=list)
    expected_visits: int = 0
    expected_records: int = 0
    port: int = 0
    shared_visit: str = ""

    @property
    def database(self) -> Path:
        """The centre's database."""
        return self.folder / "centre" / "centre.db"

    def run(self) -> Account:
        """The whole day, step by step; the account says what was found."""
        self.database.parent.mkdir(parents=True)
        self._both_enrol()
        self._a_morning_off_line()
        self._killed_while_saving()
        self._both_edit()
        self._one_by_bad_link()
        self._the_other_by_stick()
        self._they_settle()
        self._all_agree()
        return self.account

    def _both_enrol(self) -> None:
        step = self._step("Les deux postes sont rattachés au centre")
        bus = _bus_name()
        for number, (agent, passphrase) in enumerate(zip(AGENTS, self.passphrases, strict=True), 1):
            home = self.folder / f"poste-{number}"
            self.laptops.append(Laptop.make(home, passphrase, bus=bus, agent=agent, clock=self.clock))
        with self._online() as url:
            first, second = self.laptops
            with first.opened() as session, second.opened() as other:
                devices = [enroll(one, url, self._code()) for one in (session, other)]
                # Yesterday's visit, known to both laptops before they leave.
                plan = canton.Plan(self._morning() - timedelta(days=1), visits=1, records=2)
                for draft in canton.drafts(plan, session.reference.catalog(), SEED - 1):
                    self.shared_visit = record_visit(session, draft).id
                self._expect(1, 2)
                sync(session)
                sync(other)
                arrived = len(lines(other))
        step.figures |= {"bus": bus, "feed": FEED, "devices": devices}
        step.check("les deux postes ont leur propre nom", len(set(devices)), 2)
        step.check("la visite d’hier est arrivée sur le second poste", arrived, 1)

    def _a_morning_off_line(self) -> None:
        step = self._step("Une matinée sans réseau, sur deux postes")
        visits, records = FIRST_SHARE
        shares = [
            (visits - KILLED, records - KILLED * 2),
            (MORNING_VISITS - visits, MORNING_RECORDS - records),
        ]
        for number, (laptop, share) in enumerate(zip(self.laptops, shares, strict=True)):
            with laptop.opened() as session:
                plan = canton.Plan(self._morning(), *share)
                for order, draft in enumerate(
                    canton.drafts(plan, session.reference.catalog(), SEED + number)
                ):
                    if order == 0:
                        draft["note"] = NEEDLE
                    record_visit(session, draft)
                step.figures[f"poste_{number + 1}"] = {
                    "visits": share[0],
                    "records": share[1],
                    "waiting": session.store.pending_count(),
                }
            self._expect(*share)

    def _killed_while_saving(self) -> None:
        step = self._step("Un poste est coupé net pendant qu’il enregistre")
        laptop = self.laptops[0]
        with laptop.opened() as session:
            catalog = session.reference.catalog()
            before = {str(line["visit_id"]) for line in lines(session)}
        plan = canton.Plan(self._morning() + timedelta(hours=2), KILLED, KILLED * 2)
        drafts = list(canton.drafts(plan, catalog, SEED + 7))
        confirmed = self._record_and_kill(laptop, drafts)
        with laptop.opened() as session:
            after = {str(line["visit_id"]): line for line in lines(session)}
            # The agent enters again what the screen had not called saved.
            starts = {str(line["started_at"]) for line in after.values()}
            for draft in drafts:
                moment = datetime.fromisoformat(str(draft["started_at"]))
                if as_utc_text(moment) not in starts:
                    record_visit(session, draft)
            whole = len(lines(session))
        step.figures |= {"confirmed": len(confirmed), "found_after": len(after) - len(before)}
        step.check("aucune visite confirmée ne manque", sorted(confirmed - set(after)), [])
        step.check("les visites d’avant sont toutes là", sorted(before - set(after)), [])
        step.check(
            "aucune visite n’est à moitié là",
            [key for key, line in after.items() if not line["procedures"]],
            [],
        )
        self._expect(KILLED, KILLED * 2)
        step.check("la matinée est complète", whole, 1 + FIRST_SHARE[0])

    def _both_edit(self) -> None:
        step = self._step("Les deux postes corrigent la même visite")
        first, second = self.laptops
        with first.opened() as session:
            amend(session, VISIT, self.shared_visit, {"minutes": 35, "note": NOTES[0]})
        with second.opened() as session:
            amend(session, VISIT, self.shared_visit, {"satisfaction": 2, "note": NOTES[1]})
        step.figures |= {"visit_id": self.shared_visit, "fields": ["minutes", "satisfaction", "note"]}

    def _one_by_bad_link(self) -> None:
        step = self._step("Un poste retrouve une liaison lente et lointaine, qui se coupe deux fois")
        with self._bad_link(returning.CUTS), self.laptops[0].opened() as session:
            returning.by_bad_link(session, step)

    def _the_other_by_stick(self) -> None:
        step = self._step("L’autre poste n’a pas de réseau : une clé USB fait l’aller et le retour")
        carrier = returning.Carrier(
            self.folder / "cle-usb", f"sqlite:///{self.database}", self.clock, [NEEDLE, *NOTES, *AGENTS]
        )
        with self.laptops[1].opened() as session:
            carrier.there_and_back(session, step)

    def _they_settle(self) -> None:
        step = self._step(
            "Le même champ a été corrigé deux fois : les deux postes le montrent, un agent choisit"
        )
        first, second = self.laptops
        with self._bad_link(), first.opened() as session, second.opened() as other:
            sync(session)
            returning.settle(session, other, step, told=NOTES, exchange=sync, look=self.look)

    def _all_agree(self) -> None:
        step = self._step("Le centre, les deux postes et le bilan disent la même chose")
        with self.laptops[0].opened() as session, self.laptops[1].opened() as other:
            held = [lines(session), lines(other)]
            self._check_report(step, held[0], other)
        central = self._central_lines()
        step.check("les deux postes tiennent les mêmes lignes", held[0] == held[1], True)
        step.check("le centre tient les mêmes lignes", held[0] == central, True)
        step.check("visites", len(central), self.expected_visits)
        step.check("démarches", sum(_handled(line) for line in central), self.expected_records)
        merged = next(line for line in central if line["visit_id"] == self.shared_visit)
        merged_values = [merged["minutes"], merged["satisfaction"], merged["note"]]
        step.check("les deux corrections sont réunies, et la note choisie", merged_values, [35, 2, NOTES[1]])
        needles = [NEEDLE, *self.passphrases, *AGENTS, *NOTES]
        homes = [laptop.home for laptop in self.laptops]
        step.check("aucun texte lisible", [name for home in homes for name in files_with(needles, home)], [])

    def _check_report(self, step: Step, held: Sequence[Mapping[str, object]], session: Session) -> None:
        months = {str(line["visited_on"])[:7] for line in held}
        totals = {"visits": 0, "records": 0}
        for month in sorted(months):
            local = month_report_of(session, month)
            step.check(
                f"le bilan de {month} est le même ici et au centre",
                _totals(local),
                self._central_totals(month),
            )
            totals = {name: totals[name] + _totals(local)[name] for name in totals}
        step.check("le bilan compte chaque visite", totals["visits"], self.expected_visits)
        step.check("le bilan compte chaque démarche", totals["records"], self.expected_records)

    def _record_and_kill(self, laptop: Laptop, drafts: Sequence[Mapping[str, object]]) -> set[str]:
        """Feed the command line by line; kill it once two visits were confirmed, a third on its way."""
        confirmed: set[str] = set()
        with processes.recording(laptop.home, laptop.passphrase_file) as process:
            typed, shown = processes.pipe(process.stdin), processes.pipe(process.stdout)
            for order, draft in enumerate(drafts):
                typed.write(json.dumps(draft).encode() + b"\n")
                typed.flush()
                if order >= 2:
                    break
                confirmed.add(json.loads(shown.readline())["visit_id"])
            processes.kill(process)
            confirmed |= {json.loads(rest)["visit_id"] for rest in shown.read().splitlines()}
        return confirmed

    @contextmanager
    def _online(self, *, bits: int = 0, round_trip: float = 0.0, cuts: Sequence[int] = ()) -> Iterator[str]:
        with ExitStack() as stack:
            target = stack.enter_context(
                processes.centre(f"sqlite:///{self.database}", log=self.database.with_suffix(".log"))
            )
            road = processes.link(target, port=self.port, bits=bits, round_trip=round_trip, cuts=cuts)
            self.port = stack.enter_context(road)
            yield f"http://127.0.0.1:{self.port}"

    def _bad_link(self, cuts: Sequence[int] = ()) -> AbstractContextManager[str]:
        return self._online(bits=returning.BITS, round_trip=returning.ROUND_TRIP, cuts=cuts)

    def _code(self) -> str:
        with closing(open_centre(f"sqlite:///{self.database}")) as centre:
            return admin.enroll_code(centre, FEED).code

    def _central_lines(self) -> list[dict[str, object]]:
        with closing(open_centre(f"sqlite:///{self.database}")) as centre:
            return sorted(admin.visits(centre), key=lambda line: str(line["visit_id"]))

    def _central_totals(self, month: str) -> dict[str, int]:
        with (
            closing(open_centre(f"sqlite:///{self.database}")) as centre,
            month_facts(centre, month) as facts,
        ):
            report = month_report(
                month, facts.visits, facts.records, names=Names(), bus="", generated_on=self._morning().date()
            )
        return _totals(report)

    def _step(self, title: str) -> Step:
        self.say(f"{len(self.account.steps) + 1}. {title}")
        return self.account.step(title)

    def _expect(self, visits: int, records: int) -> None:
        self.expected_visits += visits
        self.expected_records += records

    def _morning(self) -> datetime:
        """When the bus opens: half past eight, before the evening that the clock tells."""
        return self.clock.now().astimezone().replace(hour=8, minute=30, second=0, microsecond=0)


def _bus_name() -> str:
    """The name of the real bus of the national list."""
    path = resource("places/france-services.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(row["lib_fs"] for row in csv.DictReader(file) if row["id_fs"] == BUS_ID)


def _totals(report: MonthReport) -> dict[str, int]:
    return {
        "visits": report.totals.visits,
        "records": report.totals.records,
        "minutes": report.totals.minutes,
    }


def _handled(line: Mapping[str, object]) -> int:
    procedures = line["procedures"]
    return len(procedures) if isinstance(procedures, list) else 0
