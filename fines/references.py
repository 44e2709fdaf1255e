"""Case number (CJIB-nummer) and payment reference (betalingskenmerk)."""

import re
import secrets

from stdnum import luhn

_LOOK_ALIKE = str.maketrans("OoIl", "0011")
_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)


def payment_check_digit(digits: str) -> str:
    """Check digit over 15 digits: weighted sum from the right, modulo 11.

    Source: Betaalvereniging Nederland, "De specificaties van het Nederlandse betalingskenmerk"; its own
    example is 5000 0567 8901 2345.
    """
    total = sum(int(digit) * _WEIGHTS[i % 10] for i, digit in enumerate(reversed(digits)))
    check = 11 - total % 11
    return {10: "1", 11: "0"}.get(check, str(check))


def new_payment_reference() -> str:
    """16 digits, the first one the check digit."""
    body = "".join(secrets.choice("0123456789") for _ in range(15))
    return payment_check_digit(body) + body


def new_case_number() -> str:
    """16 digits that cannot be guessed one from another; the last one is a check digit (Luhn)."""
    body = "9" + "".join(secrets.choice("0123456789") for _ in range(14))
    return body + str(luhn.calc_check_digit(body))


def unmistakable(text: str) -> str:
    """With digits for the letters that a machine takes them for."""
    return text.translate(_LOOK_ALIKE)


def case_numbers_in(text: str) -> list[str]:
    """What can be a case number in a text, written in groups or not, as a machine may have read it."""
    runs = re.findall(r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)", unmistakable(text))
    found = (re.sub(r"\D", "", run) for run in runs)
    return [number for number in found if luhn.is_valid(number)]


def near_references(reference: str) -> list[str]:
    """Every valid payment reference that differs from this one in one digit; none for what is no 16 digits."""
    if len(reference) != 16 or not reference.isdecimal():
        return []
    changed = (reference[:i] + digit + reference[i + 1 :] for i in range(16) for digit in "0123456789")
    return [other for other in changed if other != reference and payment_check_digit(other[1:]) == other[0]]


def grouped(number: str) -> str:
    """In groups of four, as people read it."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
