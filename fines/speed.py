"""From measured to corrected speed (gemeten, gecorrigeerde snelheid)."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from fines.explanation import Explanation, Step
from fines.rules import Rules


def corrected_speed(measured_kmh: Decimal, on: date, rules: Rules, explanation: Explanation) -> int:
    """Whole km/h after the measurement correction; every rounding is down, in the driver's favour.

    Decimals of the measurement are dropped first (Wahv, annex, note 1).
    """
    whole = int(measured_kmh.to_integral_value(rounding=ROUND_FLOOR))
    explanation.steps.append(
        Step(
            "drop_decimals",
            "Wahv, annex, note 1",
            "2011-01-01",
            "verified",
            "Wahv texts 2011-01-01 to 2015-05-15",
            {"measured_kmh": str(measured_kmh)},
            whole,
        )
    )
    threshold = rules.value("correction_threshold_kmh", on, explanation)
    if whole <= threshold:
        part = rules.value("correction_absolute_kmh", on, explanation)
        corrected = max(0, whole - part)
        inputs = {"whole_kmh": whole, "subtracted_kmh": whole - corrected}
    else:
        percent = rules.value("correction_percent", on, explanation)
        corrected = whole * (100 - percent) // 100
        inputs = {"whole_kmh": whole, "percent": percent, "subtracted_kmh": whole - corrected}
    last = explanation.steps[-1]
    explanation.steps.append(
        Step("corrected_speed", last.article, last.version, last.status, last.source, inputs, corrected)
    )
    return corrected


def least_measured(corrected_kmh: int, on: date, rules: Rules) -> Decimal:
    """The lowest whole measured speed in km/h that is corrected to this one or more."""
    measured = Decimal(corrected_kmh)
    while corrected_speed(measured, on, rules, Explanation()) < corrected_kmh:
        measured += 1
    return measured
