"""Time: moments are timezone-aware UTC, deadlines are dates in Europe/Amsterdam."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Tells the moment by which the law's terms are counted."""

    def now(self) -> datetime:
        """Return the current moment, UTC."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that tests and the demo move by hand; it runs on from there only when asked to."""

    def __init__(self, now: datetime, *, running: bool = False) -> None:
        if now.tzinfo is None:
            raise ValueError("the clock needs a timezone-aware moment")
        self._running = running
        self.set(now)

    def set(self, now: datetime) -> None:
        """Jump to `now` (UTC or any other zone)."""
        self._base = now.astimezone(UTC)
        self._anchor = datetime.now(UTC)

    def advance(self, step: timedelta) -> None:
        """Jump by `step`."""
        self.set(self.now() + step)

    def now(self) -> datetime:
        return self._base + (datetime.now(UTC) - self._anchor) if self._running else self._base


class FileClock:
    """Reads the moment from a file, so that many processes share a clock that tests and trials move."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, now: datetime) -> None:
        """Jump to `now`; readers never see half a moment."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self._path)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text()).astimezone(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day in Europe/Amsterdam on which `moment` falls."""
    return moment.astimezone(AMSTERDAM).date()
