"""Judging a server by the command, as its operator would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.processes import command

from foreign.serving import KEY_ID, KEY_SECRET, LOOPBACK
from foreign.stack import Mistake


@dataclass(frozen=True)
class Judgement:
    """What the command found; ``failed`` are MUSTs only, ``said`` is its report."""

    exit_code: int
    failed: frozenset[str]
    inconclusive: frozenset[str]
    seconds: float
    said: str

    def right(self, mistake: Mistake | None) -> bool:
        """Whether a correct server was not blamed, and a mistake was, on the right requirement."""
        if mistake is None:
            return self.exit_code == 0
        families = {one.partition("-")[0] for one in self.failed}
        return (
            self.exit_code == (1 if mistake.blamed else 0)
            and mistake.blamed <= self.failed
            and mistake.undecided <= self.inconclusive
            and families <= mistake.families
        )


def judge(port: int, profile: str, folder: Path, *, seed: int = 1) -> Judgement:
    """Run the command on the server at a port of this machine, with the access key of it."""
    path = folder / "report.json"
    words = ("run", f"http://{LOOPBACK}:{port}", "--profile", profile, "--seed", str(seed))
    result = command.started(
        *(*words, "--json", str(path)),
        cwd=folder,
        env={"CONDUCTOR_AUTH_KEY": KEY_ID, "CONDUCTOR_AUTH_SECRET": KEY_SECRET},
    )
    if not path.exists():
        return Judgement(result.code, frozenset(), frozenset(), 0.0, result.out + result.err)
    report = command.read_report(path)
    return Judgement(
        result.code,
        frozenset(command.failed(report)),
        frozenset(one["id"] for one in report["requirements"] if one["outcome"] == "inconclusive"),
        report["durationSeconds"],
        result.out,
    )
