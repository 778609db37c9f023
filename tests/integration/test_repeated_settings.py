"""A report shows no secret setting, though the server repeats it in another field."""

from __future__ import annotations

import json

from support.canned.exchanges import provider
from support.servers.plain import answering

import conformance
from conformance.report.render import json as json_report

SECRET = "sk-live-Conf1gSecr3tVal"


def reported(secret: str, count: str) -> tuple[conformance.Report, str]:
    body = json.dumps(
        [provider("a", configuration={"api_key": secret}), provider("b", modelsCount=count)]
    ).encode()

    def respond(*_: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "application/json"}, body

    with answering(respond) as (url, _):
        report = conformance.run(url, profile="quick", only=["MODEL"], seed=1)
    return report, json_report.render(report)


def test_a_repeated_setting_is_not_shown_and_fingerprints_stay() -> None:
    hidden, text = reported(SECRET, SECRET)
    assert SECRET not in text
    assert "[setting]" in text
    shown, text = reported("another-s3cret-value", SECRET)
    assert SECRET in text
    assert [kind.fingerprint for one in hidden.verdicts for kind in one.kinds] == [
        kind.fingerprint for one in shown.verdicts for kind in one.kinds
    ]
