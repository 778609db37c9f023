"""Clients whose process is broken or unusual, whatever they read."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.reference.clients.client import CorrectClient, Reply
from conformance.reference.clients.entries import Catalogue

__all__ = ["ODD_PROCESSES", "PROCESSES"]

PROCESSES = Catalogue("broken")
ODD_PROCESSES = Catalogue("odd")

_TOO_LONG = 120.0  # seconds; longer than anyone waits for one list
_LATE = 1.5  # seconds
_CHILD = 8.0  # seconds that a child outlives its parent


class _Breaking(CorrectClient):
    """Breaks once it has read the providers of a category, so that other queries work."""

    def tell(self, answer: Any) -> int:
        return super().tell(answer) if self.category is None else self.broken(answer)

    def broken(self, answer: Any) -> int:
        raise NotImplementedError


@PROCESSES.client(quietly=())
class CrashesAfterAsking(_Breaking):
    """It ends with a traceback after it read the providers of a category."""

    def broken(self, answer: Any) -> int:
        raise RuntimeError("the adapter is broken")


@PROCESSES.client()
class CrashesAlways(CorrectClient):
    """It ends with a traceback after every request."""

    def tell(self, answer: Any) -> int:
        raise RuntimeError("the adapter is broken")


@PROCESSES.client()
class CrashesBeforeAsking(CorrectClient):
    """It ends with a traceback when it is to request a category."""

    def ask(self) -> Reply:
        if self.category is not None:
            raise RuntimeError("the adapter is broken")
        return super().ask()


@PROCESSES.client()
class EndsByASignal(_Breaking):
    """Its process is killed after it read the providers of a category."""

    def broken(self, answer: Any) -> int:
        # Windows has no other way to end at once; 137 is what a shell makes of SIGKILL.
        if sys.platform == "win32":
            os._exit(137)
        os.kill(os.getpid(), 9)
        return 137


@PROCESSES.client(quietly=())
class Hangs(_Breaking):
    """It does not end after it read the providers of a category."""

    def broken(self, answer: Any) -> int:
        time.sleep(_TOO_LONG)
        return 0


@PROCESSES.client()
class HangsWithAnAnswer(_Breaking):
    """It does not end after it wrote the beginning of its answer."""

    def broken(self, answer: Any) -> int:
        _write(self.answer_file, json.dumps(answer)[:100])
        time.sleep(_TOO_LONG)
        return 0


@PROCESSES.client()
class CutsItsAnswer(_Breaking):
    """It writes half of its answer about a category, and ends as if all were well."""

    def broken(self, answer: Any) -> int:
        whole = json.dumps(answer)
        _write(self.answer_file, whole[: len(whole) // 2])
        return 0


@PROCESSES.client()
class ForgetsItsAnswer(_Breaking):
    """It writes no answer about a category, and ends as if all were well."""

    def broken(self, answer: Any) -> int:
        return 0


@PROCESSES.client()
class AnswersInAnotherShape(_Breaking):
    """It writes an object that the protocol does not know about a category."""

    def broken(self, answer: Any) -> int:
        _write(self.answer_file, json.dumps({"providers": answer}))
        return 0


def _write(path: str | None, text: str) -> None:
    if path is not None:
        Path(path).write_text(text, "utf-8")


class _Knocking(CorrectClient):
    """Connects for a category, sends less than a request, and ends."""

    sent = b""

    def ask(self) -> Reply:
        if self.category is None:
            return super().ask()
        parts = urlsplit(self.base)
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.sendall(self.sent)
            time.sleep(0.5)
        raise RuntimeError("the adapter is broken")


@PROCESSES.client()
class ConnectsAndSendsNothing(_Knocking):
    """It connects, sends nothing, and gives up, when it is to request a category."""


@PROCESSES.client()
class SendsHalfARequest(_Knocking):
    """It sends one line of a token request, and gives up, when it is to request a category."""

    sent = b"POST /api/token HTTP/1.1\r\n"


# Unusual, and nothing to blame -------------------------------------------------------------------


@ODD_PROCESSES.client(quietly=())
class AnswersLate(CorrectClient):
    """It needs another moment after its last request."""

    def tell(self, answer: Any) -> int:
        time.sleep(_LATE)
        return super().tell(answer)


@ODD_PROCESSES.client(quietly=())
class PrintsAMegabyte(CorrectClient):
    """It prints a megabyte to each of its outputs, more than a pipe holds."""

    def run(self) -> int:
        for output in (sys.stdout, sys.stderr):
            output.writelines(f"{number:062d}\n" for number in range(1 << 14))
        return super().run()


@ODD_PROCESSES.client()
class PrintsBytes(CorrectClient):
    """It prints bytes that are not text, and the sequences that colour a terminal."""

    def run(self) -> int:
        sys.stdout.buffer.write(b"\x1b[31m\xff\xfe\x00\x1b[2J\n")
        return super().run()


@ODD_PROCESSES.client()
class LeavesAChild(CorrectClient):
    """It starts a process that outlives it and keeps its outputs open."""

    def tell(self, answer: Any) -> int:
        wait = f"import time; time.sleep({_CHILD})"
        subprocess.Popen([sys.executable, "-S", "-c", wait])  # noqa: S603 - fixed words
        return super().tell(answer)


@ODD_PROCESSES.client()
class ReadsItsInput(CorrectClient):
    """It reads its standard input to the end before it begins."""

    def run(self) -> int:
        sys.stdin.read()
        return super().run()


@ODD_PROCESSES.client()
class EndsWithOneIfRefused(CorrectClient):
    """It writes its answer, and ends with exit code 1 if that is an error."""

    def tell(self, answer: Any) -> int:
        return super().tell(answer) or int(isinstance(answer, dict))


@ODD_PROCESSES.client()
class AnswersByRenaming(CorrectClient):
    """It writes its answer beside the file and renames it, so that none is ever incomplete."""

    def tell(self, answer: Any) -> int:
        if self.answer_file is None:
            return super().tell(answer)
        beside = Path(f"{self.answer_file}.new")
        beside.write_text(self.written(answer), "utf-8")
        beside.replace(self.answer_file)
        return 0


@ODD_PROCESSES.client()
class KeepsItsToken(CorrectClient):
    """It keeps its token in a file beside its answer, for the next process with the same key."""

    def issue_token(self) -> str:
        if self.answer_file is None:
            return super().issue_token()
        kept = Path(self.answer_file).with_name(f"token-{quote(self.key_id, safe='')}")
        if kept.exists() and kept.read_text("utf-8") != self.token:
            return kept.read_text("utf-8")
        token = super().issue_token()
        kept.write_text(token, "utf-8")
        return token
