"""Is an appeal in time, and is security needed? Each answer explains itself."""

from dataclasses import dataclass
from datetime import date, timedelta

from fines.service import DecisionView, Explanation, Rules, Step, term


@dataclass(frozen=True)
class Timeliness:
    """`in_time` by the rules of receipt and post."""

    in_time: bool
    explanation: Explanation


@dataclass(frozen=True)
class Security:
    """Security (zekerheidstelling) to be given, in cents; zero when none is needed."""

    cents: int
    until: date | None
    explanation: Explanation


def timeliness(last_day: date, received_on: date, posted_on: date | None, rules: Rules) -> Timeliness:
    """In time if received on the last day, or posted by then and received within a week (Awb art. 6:9)."""
    explanation = Explanation()
    in_time = received_on <= last_day
    if not in_time and posted_on is not None and posted_on <= last_day:
        weeks = rules.value("posted_in_time_grace_weeks", last_day, explanation)
        in_time = received_on <= last_day + timedelta(weeks=weeks)
    explanation.steps.append(
        Step(
            "appeal_in_time",
            "Awb art. 6:7, 6:8, 6:9",
            "2011-01-01",
            "verified",
            "Awb texts 2011-2015 and in force",
            {
                "last_day": last_day.isoformat(),
                "received_on": received_on.isoformat(),
                "posted_on": posted_on.isoformat() if posted_on else None,
            },
            in_time,
        )
    )
    return Timeliness(in_time, explanation)


def security(decision: DecisionView, filed_on: date, rules: Rules) -> Security:
    """Wahv art. 11: only from the threshold on, and then the sanction up to the cap, with the costs."""
    explanation = Explanation()
    threshold = rules.value("security_threshold_cents", filed_on, explanation, sanction_cents=decision.amounts.sanction)
    if decision.amounts.sanction < threshold:
        return Security(0, None, explanation)
    cap = rules.value("security_cap_cents", filed_on, explanation)
    cents = min(decision.amounts.sanction, cap) + decision.amounts.administration
    return Security(cents, term("security_term_weeks", filed_on, rules, explanation), explanation)
