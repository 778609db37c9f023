"""Send requests one after the other with ``requests``, and decode the responses with ``json``.

    python benchmarks/bare_loop.py ORIGIN TOKEN requests.json

The file is a JSON array of requests, each an array of method, path with query, and whether to send
the token. The output is a JSON object: ``seconds`` that the loop took, ``bytes`` of all responses
and bytes of the ``largest``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import requests


def main() -> None:
    origin, token, file = sys.argv[1:]
    sent = json.loads(Path(file).read_text("utf-8"))
    largest = total = 0
    with requests.Session() as session:
        session.trust_env = False
        started = time.perf_counter()
        for method, place, authorised in sent:
            headers = {"X-Authorization": token} if authorised else {}
            response = session.request(method, f"{origin}{place}", headers=headers)
            size = len(response.content)
            total += size
            largest = max(largest, size)
            if method == "GET":
                response.json()
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "bytes": total, "largest": largest}))


if __name__ == "__main__":
    main()
