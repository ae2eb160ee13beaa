"""Money as text. Unknown is said, and never looks like nothing."""

from core.services.asking.estimating import Amount

UNKNOWN = "unknown"
FREE = "free (own hardware)"


def dollars(amount: float | None) -> str:
    """`$0.31`, `$0.0042`, `$1,240`, `< $0.0001`, `$0`, `unknown`."""
    if amount is None:
        return UNKNOWN
    if amount == 0:
        return "$0"
    if amount < 0.0001:
        return "< $0.0001"
    return f"${_digits(amount)}"


def dollar_range(amount: Amount) -> str:
    """`$0.28–0.35`: where the range begins at next to nothing, `up to $0.35`."""
    low, high = dollars(amount.low), dollars(amount.high)
    if low == high:
        return high
    return f"{low}–{high.removeprefix('$')}" if low[0] == "$" and amount.low > 0 else f"up to {high}"


def _digits(amount: float) -> str:
    """Cents from 10 cents on, whole dollars from 1,000 on; two figures that count below 10 cents."""
    if amount >= 1000:
        return f"{amount:,.0f}"
    if amount >= 0.095:
        return f"{amount:,.2f}"
    return f"{amount:.3f}" if amount >= 0.0095 else f"{amount:.4f}"
