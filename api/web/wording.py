"""Days, moments and sums as people write them, in the language of the page that is being made."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from api.web.languages import N_, language_now
from core.clock import AMSTERDAM

OUTCOMES = {
    "upheld": N_("you were not right: the fine stays"),
    "amended": N_("you were right in part: the fine is lower"),
    "annulled": N_("you were right: the fine is gone"),
    "inadmissible": N_("it could not be dealt with: the fine stays"),
    "withdrawn": N_("you gave it up: the fine stays"),
}
"""Of an appeal or a ruling, for the one whose fine it is."""

KEPT_BY = {
    "open": N_("something in it is open"),
    "legal_hold": N_("a legal hold"),
    "no_rule": N_("no rule that may be applied"),
    "unclaimed": N_("nobody knows yet what it is"),
    "retention_without_decision_days": N_("the term of captures without a decision"),
    "retention_case_years": N_("the term of cases that are over"),
    "retention_referral_years": N_("the term of cases for the prosecutor"),
    "retention_refused_package_days": N_("the term of refused packages"),
    "retention_dismissed_letter_years": N_("the term of letters that were no appeal"),
}
"""What keeps a case, and what let it go."""

_LOCALES = {"nl": "nl_NL", "en": "en_GB"}


def _locale() -> str:
    return _LOCALES[language_now()]


def as_day(found: date) -> str:
    """14 september 2026."""
    return str(format_date(found, "long", locale=_locale()))


def as_moment(found: datetime) -> str:
    """14 september 2026, 11:55."""
    local = found.astimezone(AMSTERDAM)
    return f"{as_day(local.date())}, {format_time(local, 'HH:mm', locale=_locale())}"


def as_euro(cents: int) -> str:
    """€ 93,00, with a space that does not break."""
    return str(format_currency(Decimal(cents) / 100, "EUR", locale=_locale()))
