"""Listens to what the system says of the network; only a hint, and nothing where it says nothing."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation


class NetworkHints(QObject):
    """Calls ``changed`` when a network may have come; hangs on ``parent``."""

    def __init__(self, parent: QObject, changed: Callable[[], None]) -> None:
        super().__init__(parent)
        self._changed = changed
        if not QNetworkInformation.loadDefaultBackend():
            return
        known = QNetworkInformation.instance()
        known.reachabilityChanged.connect(self._reachability_changed)
        known.isBehindCaptivePortalChanged.connect(self._portal_changed)

    def _reachability_changed(self, reachability: QNetworkInformation.Reachability) -> None:
        if reachability is not QNetworkInformation.Reachability.Disconnected:
            self._changed()

    def _portal_changed(self, is_behind: bool) -> None:
        if not is_behind:
            self._changed()
