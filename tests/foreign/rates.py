"""How often the corpus was misjudged, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from measuring import table

from foreign.judging import Judgement
from foreign.stack import Mistake

HEAD = (
    *("profile", "condition", "correct servers", "blamed", "not judged", "undecided on average"),
    *("mistakes", "missed", "not found, or blamed on another requirement", "slowest, in seconds"),
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run: of a stack, correct or with a mistake, by a profile and under a condition."""

    stack: str
    mistake: Mistake | None
    profile: str
    condition: str
    judgement: Judgement

    @property
    def blamed(self) -> bool:
        """Whether the server was found not to be conformant."""
        return self.judgement.exit_code == 1

    @property
    def right(self) -> bool:
        """Whether the verdict is the right one."""
        return self.judgement.right(self.mistake)

    @property
    def missed(self) -> bool:
        """Whether a mistake got a green verdict that it should not have got."""
        return self.mistake is not None and self.judgement.exit_code == 0 and not self.right


def rates(trials: Sequence[Trial]) -> str:
    """Return a row for each profile and condition, and one for all, in Markdown."""
    kinds = dict.fromkeys((one.profile, one.condition) for one in trials)
    rows = [
        (*kind, *_cells([one for one in trials if (one.profile, one.condition) == kind]))
        for kind in sorted(kinds, key=lambda kind: kind[0])
    ]
    return table(HEAD, [*rows, ("all", "", *_cells(trials))])


def _cells(trials: Sequence[Trial]) -> tuple[str, ...]:
    correct = [one for one in trials if one.mistake is None]
    wrong = [one for one in trials if one.mistake is not None]
    undecided = sum(len(one.judgement.inconclusive) for one in correct)
    missed = sum(one.missed for one in wrong)
    counts = (
        *(len(correct), sum(one.blamed for one in correct)),
        sum(not (one.blamed or one.right) for one in correct),
        f"{undecided / len(correct):.1f}" if correct else "",
        *(len(wrong), missed, sum(not one.right for one in wrong) - missed),
        f"{max(one.judgement.seconds for one in trials):.0f}",
    )
    return tuple(map(str, counts))
