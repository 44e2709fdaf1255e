"""Money is integer euro cents; nothing here or elsewhere holds an amount in a float."""

from decimal import Decimal, InvalidOperation


def percent_of(cents: int, percent: int) -> int:
    """`percent` of an amount in cents, broken cents dropped in the payer's favour."""
    return cents * percent // 100


def format_euro(cents: int, *, decimal_comma: bool = True) -> str:
    """1234567 -> '12.345,67' (or '12,345.67')."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    text = f"{sign}{whole:,}.{rest:02d}"
    return text.translate(str.maketrans(",.", ".,")) if decimal_comma else text


def plain_euro(cents: int) -> str:
    """1234567 -> '12345.67', as machines write it."""
    return format_euro(cents, decimal_comma=False).replace(",", "")


def parse_euro(text: str) -> int:
    """'84.00' -> 8400. Raises ValueError for anything that is not a whole number of cents."""
    try:
        cents = Decimal(text.strip()) * 100
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text!r}") from error
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise ValueError(f"not a whole number of cents: {text!r}")
    return int(cents)
