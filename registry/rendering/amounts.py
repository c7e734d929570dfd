"""A sum of money as it is written everywhere: three digits that count, since one call costs little.

It must never convert: a sum stays in the currency of its price.
"""

from __future__ import annotations


def money(amount: float, currency: str | None) -> str:
    """``$0.000228``, ``$12.35``, ``0.500 EUR``; without a currency the number alone."""
    number = "0" if amount == 0 else f"{amount:.2f}" if amount >= 1 else _small(amount)
    return f"${number}" if currency == "USD" else f"{number} {currency or ''}".rstrip()


def _small(amount: float) -> str:
    digits = 2
    while digits < 12 and round(amount, digits) < 10 ** (2 - digits):
        digits += 1
    return f"{amount:.{digits}f}"
