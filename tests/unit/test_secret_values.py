"""Which settings hold secrets, and which values are secrets in clear text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.secret_values import HARMLESS_ENDS, in_clear, is_secret

SECRET = """
    password Password PASSWORD dbPassword db_password keyStorePassword sslTruststorePassword
    passwd pwd passphrase key-passphrase secret clientSecret client_secret CLIENT_SECRET
    schemaRegistryApiSecret secretKey apiKey api_key apikey API_KEY APIKey openaiApiKey
    awsSecretAccessKey accessKey access_key accessToken access_token refreshToken authToken
    bearerToken token githubToken privateKey private_key credentials serviceAccountCredentials
    credential awsCredential connectionString connection_string password1 secret2
    passwordHash secretValue
"""

HARMLESS = """
    secretName secret_name secretId secret-ref secretReference secretPath secretUri secretUrl
    secretArn secretType secretLocation secretAlias secretVersion secretStore secretManager
    secretsEngine secretProvider passwordPolicy passwordFile credentialsFile credentialsProvider
    credentialsType tokenUrl token_url tokenEndpoint tokenType tokenExpiry tokenTTL tokenUri
    keyId apiKeyId accessKeyId access_key_id apiKeyName clientId
    user username name url endpoint region model models description topic key publicKey
    maxTokens max_tokens tokens tokenizer tokenLimit tokenCount keyspace keyword keystore
    compass passenger bypass secretary monkey turkey author authType authorization
    bootstrapServers consumerGroup version 日本語 - _ 7
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", [*HARMLESS.split(), "", " "])
def test_names_of_what_is_no_secret(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize("end", sorted(HARMLESS_ENDS))
def test_where_a_secret_is_or_of_what_kind_is_none(end: str) -> None:
    for name in (f"password_{end}", f"clientSecret{end.capitalize()}", f"API-KEY-{end.upper()}"):
        assert not is_secret(name)


WORDS = st.sampled_from(["api", "key", "client", "secret", "pass", "word", "token", "id", "db"])


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_name_means_the_same_in_every_style(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    styles = ["_".join(words), "-".join(words), ".".join(words), "_".join(words).upper()]
    assert {is_secret(style) for style in styles} == {is_secret(camel)}


@given(st.text(max_size=30))
def test_any_name_can_be_asked_about(name: str) -> None:
    assert is_secret(name) in (True, False)


CLEAR = [
    "hunter2",
    "correct horse battery staple",
    "sk-live-6f1d0c2b9a8e4f73",
    "sk-proj-abcdEFGH1234abcdEFGH1234",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "Zm9vYmFyYmF6cXV4",
    "-----BEGIN PRIVATE KEY-----\nMIIBVQ\n-----END PRIVATE KEY-----\n",
    "amqp://shop:s3cret@mq.example.com",
    "Endpoint=sb://x.example.com/;SharedAccessKey=Zm9vYmFy",
    '{"key": "MIIEvQ=="}',
    "0123456789abcdef",
    " hunter2 ",
    "p@ss",
    "x" * 12 + "y" * 12,
    "secretive",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "日本語のパスワード",
    "pass*word",
    "a1**b2",
    "$ecret!",
    "$5$rounds=1$x",
    "100%sure",
    "{secret}",
    "<a> b",
]

HIDDEN = [
    "",
    " ",
    "\t\n",
    "********",
    "***",
    "*",
    "•" * 12,
    "●●●●",
    "xxxxx",
    "XXXXXXXX",
    "00000000",
    "--------",
    "...",
    "####",
    "????",
    "**** ****".replace(" ", "-"),
    "sk-****abcd",
    "sk-proj-****",
    "sk-...9f2c",
    "sk-ab…9f2c",
    "AKIA****************",
    "****************abcd",
    "ab***yz",
    "xxxx-xxxx-1234",
    "••••1234",
    "<redacted>",
    "<hidden by the server>",
    "[hidden]",
    "(hidden)",
    "REDACTED",
    "Redacted",
    "***REDACTED***",
    "*** redacted ***",
    "********hidden********",
    "masked",
    "ENCRYPTED",
    "changeme",
    "n/a",
    "none",
    "null",
    "${workflow.secrets.x}",
    "${workflow.secrets.openai_key}",
    "${OPENAI_KEY}",
    "#{secrets.key}",
    "%{SECRET}",
    "{{ secret.x }}",
    "{{secret.x}}",
    "$(cat key)",
    "$OPENAI_KEY",
    "%OPENAI_KEY%",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:openai-AbCdEf",
    "vault:secret/data/openai#key",
    "secret://openai/key",
    "env:OPENAI_KEY",
    "projects:demo",
    "https://vault.example.com/v1/secret/openai",
    "secrets/openai/key",
    "vault/openai",
    "secret.openai.key",
    "kms/alias",
]


@pytest.mark.parametrize("value", CLEAR)
def test_secrets_in_clear_text(value: str) -> None:
    assert in_clear(value)


@pytest.mark.parametrize("value", HIDDEN)
def test_masks_references_and_words(value: str) -> None:
    assert not in_clear(value)
    assert not in_clear(f"  {value}\n")


@pytest.mark.parametrize(
    "value", [None, True, False, 0, 12345678, 1.5, [], ["hunter2"], {}, {"a": "b"}]
)
def test_what_is_no_text_is_no_secret(value: Any) -> None:
    assert not in_clear(value)


@given(st.text(max_size=8), st.sampled_from("*•●xX"), st.integers(3, 40), st.text(max_size=8))
def test_a_few_characters_beside_a_mask_are_no_secret(
    head: str, mask: str, times: int, tail: str
) -> None:
    assert not in_clear(head + mask * times + tail)


@given(st.text("0123456789abcdef", min_size=20, max_size=80))
def test_a_random_key_is_a_secret(key: str) -> None:
    assert in_clear(f"k9{key}")
    assert in_clear(f"sk-{key}z")


@given(st.text())
def test_any_text_can_be_looked_at(value: str) -> None:
    assert in_clear(value) in (True, False)


@pytest.mark.parametrize(
    "piece", ["a:", "x", "*a", "${", "{{", "<", "[", "%a", "secret/", "…", "a*"]
)
def test_no_value_takes_long_to_look_at(piece: str) -> None:
    assert in_clear((piece * 200_000) + "\n!") in (True, False)
