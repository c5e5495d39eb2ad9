"""The pages of the window, in the order of its sidebar: one line each."""

from fsbus.desktop.answers.door import AnswersDoor
from fsbus.desktop.appointments.door import AppointmentsDoor
from fsbus.desktop.circuit.door import CircuitDoor
from fsbus.desktop.corrections import Corrections
from fsbus.desktop.door import Door
from fsbus.desktop.follow_ups.door import FollowUpsDoor
from fsbus.desktop.people.door import PeopleDoor
from fsbus.desktop.queue.door import QueueDoor
from fsbus.desktop.sync_panel.door import SyncDoor
from fsbus.desktop.to_check.door import ToCheckDoor
from fsbus.desktop.today.door import TodayDoor
from fsbus.desktop.visit_form.door import VisitDoor
from fsbus.desktop.visits.door import VisitsDoor
from fsbus.desktop.workshops.door import WorkshopsDoor

DOORS: tuple[type[Door], ...] = (
    TodayDoor,
    CircuitDoor,
    QueueDoor,
    VisitDoor,
    Corrections,
    VisitsDoor,
    PeopleDoor,
    FollowUpsDoor,
    AppointmentsDoor,
    WorkshopsDoor,
    AnswersDoor,
    SyncDoor,
    ToCheckDoor,
)
