"""Redaction removes secrets from bodies, and nothing that the checks judge."""

from __future__ import annotations

import json
import re
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import exchange, provider

from conformance.checks.detectors.server_internals import exposed
from conformance.core.strict_json import decode
from conformance.evidence.exchange import Exchange
from conformance.recording.redaction import BodyRedactor, Form, form_of

SECRET = "sk-4f9a81c2d7"
TRACE = 'Traceback (most recent call last):\n  File "app.py", line 3, in list'


def redacted(body: Any, **names: Any) -> bytes:
    """Return a body redacted by itself."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return BodyRedactor(**names).redacted(content)


def configured(value: Any, **members: Any) -> list[dict[str, Any]]:
    """Return a list with one provider of this configuration."""
    return [provider(configuration=value, **members)]


# ------------------------------------------------------------------------------------------ JSON


def test_values_in_a_configuration_are_replaced_and_nothing_else() -> None:
    settings = {"api_key": SECRET, "port": 5671, "tls": True, "deep": [{"x": [SECRET, 1.5, None]}]}
    before = configured(settings, description="Shared account")
    after = json.loads(redacted(before))
    assert {**after[0], "configuration": 0} == {**before[0], "configuration": 0}
    found = after[0]["configuration"]
    assert found.keys() == settings.keys()
    assert found["deep"][0].keys() == {"x"}
    assert len(found["api_key"]) == len(SECRET)
    assert found["api_key"] == found["deep"][0]["x"][0] != SECRET
    assert isinstance(found["port"], int)
    assert isinstance(found["tls"], bool)
    assert isinstance(found["deep"][0]["x"][1], float)
    assert found["deep"][0]["x"][2] is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"configuration":{"a":"%s"}}]',
        '[{"configur\\u0061tion":{"a":"%s"}}]',
        '[ {"configuration"\n : {"a" : "%s" , "a": "%s"}} ]',
        '{"configuration":"%s"}',
        '{"password":"%s"}',
        '{"credentials":{"x":[["%s"]]}}',
        '[{"x":"{\\"configuration\\":{\\"a\\":\\"%s\\"}}"}]',
        '[{"x":"[{\\"y\\":\\"{\\\\\\"apiKey\\\\\\":\\\\\\"%s\\\\\\"}\\"}]"}]',
        '[{"configuration":{"a":"{\\"b\\":[\\"%s\\", 12]}"}}]',
        '[{"configuration":NaN,"configuration":{"a":"%s"}}]',
        '{"configuration":[{}, [], {"a":{}}, "%s"],"after":{"token":"%s"}}',
        '{"columns":["name", "configuration"], "rows":[["a", {"key":"%s"}], ["b", ["%s"]]]}',
        '[["a", 1, {"key":"%s"}, true], ["b", 2, {"o":{"key":["%s"]}}, true]]',
        '[{"name":"a","members":[{"key":"configuration","value":{"k":"%s"}},{"key":"x"}]}]',
    ],
)
def test_json_with_a_secret(text: str) -> None:
    body = text.replace("%s", SECRET).encode()
    before, after = decode(body), decode(redacted(body))
    assert SECRET not in redacted(body).decode()
    assert after.error is before.error is None
    assert after.repeated == before.repeated
    assert after.constants == before.constants
    assert outline(after.value) == outline(before.value)


def test_json_in_a_text_keeps_its_length() -> None:
    inner = '{"a": [true, false, null, 1.5, 12, "\\u0041\\n", "S"], "b": {"c": 1e5}}'
    inner = inner.replace("S", SECRET)
    for body in (configured(inner), [{"extra": json.dumps({"configuration": inner})}]):
        after = json.loads(redacted(body))
        assert outline(after) == outline(body)
        assert SECRET not in json.dumps(after)
    found = json.loads(json.loads(redacted(configured(inner)))[0]["configuration"])
    assert outline(found) == outline(json.loads(inner))


@pytest.mark.parametrize("place", ["before", "after", "{} {} {}", '{"x": "{}"}'])
def test_a_known_secret_is_found_elsewhere(place: str) -> None:
    redactor = BodyRedactor()
    redactor.redacted(json.dumps(configured({"password": SECRET})).encode())
    body = json.dumps({"message": place.replace("{}", SECRET) + f" {SECRET}"}).encode()
    after = redactor.redacted(body)
    assert SECRET not in after.decode()
    assert len(after) == len(body)
    assert SECRET not in redactor.text(f"https://{SECRET}.example.com")


def test_secrets_are_found_in_addresses() -> None:
    redactor = BodyRedactor(redact=lambda text: text.replace("c2VjcmV0+/==", "[credential]"))
    kept = "/a?b=%FF%20c#d"
    assert redactor.line(kept) == kept
    assert redactor.line("/a/c2VjcmV0+/==") == "/a/[credential]"
    hidden = redactor.line("https://example.com/c2VjcmV0%2B%2f%3D%3D?x=%20y")
    assert hidden == "https://example.com/[credential]?x=%20y"


def test_all_tokens_are_hidden() -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.c2lnbmVk"
    after = redacted({"message": f"see /login?from={token}&x"}).decode()
    assert "eyJzdWIiOiJhbmEifQ" not in after
    assert after.endswith('&x"}')


def test_words_that_equal_a_setting_stay_elsewhere() -> None:
    redactor = BodyRedactor()
    redactor.redacted(json.dumps(configured({"password": "pinecone", "region": SECRET})).encode())
    body = b'{"message": "pinecone sk-4f9a81c2d7"}'
    assert redactor.redacted(body) == body


def test_the_name_of_a_model_stays_where_checks_need_it() -> None:
    body = configured({"models": [{"api": "gpt-4o", "description": "gpt-4o is it"}], "x": "gpt-4o"})
    found = json.loads(redacted(body, models=["gpt-4o"]))[0]["configuration"]
    assert found["models"][0]["api"] == "gpt-4o"
    assert "gpt-4o" not in found["models"][0]["description"] + found["x"]
    assert json.loads(redacted(body))[0]["configuration"]["models"][0]["api"] != "gpt-4o"


def test_names_stay_in_settings_that_no_provider_has() -> None:
    body = [{"extra": {"config": {"text": "gpt-4o, of openAI; not k3y9x7w5"}}}]
    text = json.loads(redacted(body, models=["gpt-4o"], providers=["openAI"]))[0]["extra"]
    assert re.fullmatch(r"gpt-4o, \w+ openAI; \w+ \w+", text["config"]["text"])
    assert "k3y9x7w5" not in text["config"]["text"]


def test_equal_settings_stay_equal_and_others_do_not() -> None:
    redactor = BodyRedactor()

    def setting(value: Any) -> Any:
        body = json.dumps(configured({"a": value})).encode()
        return json.loads(redactor.redacted(body))[0]["configuration"]["a"]

    values = ["a", "b", "****", "x" * 4, "", 1, 2, 1.5, True, False, None, "1", [], {}, 10**30]
    found = [setting(value) for value in values]
    assert found == [setting(value) for value in values]
    assert len({json.dumps(one) for one in found}) == len(values)
    assert setting(1) == setting(1.0)
    assert [type(one) for one in found] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"[]", Form.LIST),
        (b' [{"a": 1}, 2, "x"]\n', Form.LIST),
        (b'[{"a": "\\ud800"}, [[1]]]', Form.LIST),
        (b'[{"a": NaN}]', Form.LIST),
        (b'{"a": []}', Form.OTHER_JSON),
        (b"[1, 2", Form.TEXT),
        (b'[{"a": "\xff"}]', Form.TEXT),
        (b"\xef\xbb\xbf[]", Form.TEXT),
        (b"[" * 5000 + b"]" * 5000, Form.TEXT),
        (b"<p>", Form.TEXT),
    ],
)
def test_the_form_of_a_body(body: bytes, form: Form) -> None:
    assert form_of(body) is form
    assert (decode(body).error is None) is (form is not Form.TEXT)


def test_the_form_of_a_large_list_is_found_in_little_memory() -> None:
    element = {"tags": [{"key": f"k{number}", "value": number} for number in range(100)]}
    body = json.dumps([element] * 500).encode()
    tracemalloc.start()
    try:
        assert form_of(body) is Form.LIST
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(body)


# ---------------------------------------------------------------------------- text that is not JSON


def looks(body: bytes) -> Exchange:
    return exchange(body, status=500)


BROKEN = {
    "cut short": '[{"name":"openAI","configuration":{"key":"%s","n":12},"category":"GIT"},{"na',
    "cut short in an escape": '[{"configuration":{"key":"%s\\',
    "followed by more": '[{"configuration":{"key":"%s"}}] configuration: %s',
    "control character": '[{"configuration":{"key":"\x01%s"}}]',
    "bad escape": '[{"configuration":{"key":"\\q%s","k2":"\\u0073%s"}}]',
    "single quotes": "[{'name': 'openAI', 'configuration': {'key': '%s'}}]",
    "of Java": "Provider{name=openAI, configuration={key=%s}, enabled=true}",
    "yaml": "- name: openAI\n  configuration:\n    key: %s\n",
    "xml": "<p><name>openAI</name><configuration><key>%s</key></configuration></p>",
    "sentence": "connecting failed: password=%s; try again",
    "byte order mark": '\ufeff[{"configuration":{"key":"%s"}}]',
    "settings within settings": '[{"configuration":{"key":"%s","configuration":{"a":true}}},nil]',
    "mentioned in a text": '[{"x":"See configuration","enabled":true,"n":05}, {"key":"%s"}]',
    "cut short in a row": '[["a", {"key":"%s", "x',
    "byte behind it": '[{"enabled":true,"createTime":12,"configuration":{"key":"%s"}}]\0',
    "trace within it": '[{"configuration":{"a":"at a.b.C.d(C.java:1)","key":"%s"}},nil]',
    "trace behind it": "configuration=%s\n" + TRACE,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_text_that_is_not_json_reads_as_before(kind: str) -> None:
    body = BROKEN[kind].replace("%s", SECRET).encode()
    after = redacted(body, providers=["openAI"])
    assert b"f9a8" not in after
    assert len(after) == len(body)
    assert decode(after).error == decode(body).error is not None
    assert exposed(looks(after)) == exposed(looks(body))
    assert (b"openAI" in after) == (b"openAI" in body)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_other_encodings_read_as_before(encoding: str) -> None:
    body = f'[{{"name":"é","configuration":{{"key":"{SECRET}"}}}}]'.encode(encoding)
    after = redacted(body)
    assert b"f9a8" not in after.replace(b"\0", b"")
    assert decode(after).error == decode(body).error is not None


@pytest.mark.parametrize("text", ["<h1>Sign in</h1>", TRACE, "", "Unauthorized: invalid token"])
def test_pages_without_anything_secret_stay_as_they_are(text: str) -> None:
    assert redacted(text.encode()) == text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["configuration", "api", "apiKey", "x", "name", "config"]) | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_any_json_stays_as_it_is_but_for_values(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    before, after = decode(body), decode(redacted(body))
    assert (after.error, after.repeated, after.constants) == (
        before.error,
        before.repeated,
        before.constants,
    )
    assert outline(after.value) == outline(before.value)


def outline(value: Any) -> Any:
    """Return a value by types and lengths alone."""
    if isinstance(value, dict):
        return {key: outline(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [outline(inner) for inner in value]
    return (type(value), len(value)) if isinstance(value, str) else type(value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_body_is_redacted_in_place(body: bytes) -> None:
    after = redacted(body)
    assert decode(after).error == decode(body).error
    if decode(body).error is not None:
        assert len(after) == len(body)
