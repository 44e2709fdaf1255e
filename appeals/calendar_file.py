"""An appointment as a calendar file (iCalendar, RFC 5545). It names the case, nobody."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

_LASTS = timedelta(minutes=30)


def calendar_file(key: str, summary: str, at: datetime, place: str, made_on: date, *, cancelled: bool = False) -> bytes:
    """One event, with the same `key` for the same appointment however often it is asked for."""
    event = Event()
    event.add("uid", f"{key}@flitsketen")
    event.add("dtstamp", datetime.combine(made_on, datetime.min.time(), UTC))
    event.add("dtstart", at.astimezone(UTC))
    event.add("dtend", (at + _LASTS).astimezone(UTC))
    event.add("summary", summary)
    event.add("location", place)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//flitsketen//hearings//NL")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
