"""chrF: how many pieces of one to six characters two texts have in common."""

from collections import Counter

ORDER = 6
BETA = 2.0


def chrf(reference: str, candidate: str) -> float:
    """Popović 2015 (WMT, chrF: character n-gram F-score), as sacrebleu has it for one sentence: white space left out,
    mean precision and mean recall over the lengths that both texts have, recall counting twice as much. From 0 to 1;
    two texts without a character are the same."""
    own, other = "".join(reference.split()), "".join(candidate.split())
    if own == other:
        return 1.0
    precision = recall = 0.0
    lengths = min(ORDER, len(own), len(other))
    for n in range(1, lengths + 1):
        of_own, of_other = _pieces(own, n), _pieces(other, n)
        both = sum(min(of_own[piece], of_other[piece]) for piece in of_own.keys() & of_other.keys())
        precision += both / (len(other) - n + 1)
        recall += both / (len(own) - n + 1)
    if not precision or not recall:
        return 0.0
    precision, recall = precision / lengths, recall / lengths
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _pieces(text: str, n: int) -> Counter[str]:
    return Counter([text[at : at + n] for at in range(len(text) - n + 1)])
