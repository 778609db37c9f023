"""Secret settings, and secrets in clear text, are detected."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks.detectors.secret_values import in_clear, is_secret, secret_within

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
    passwordSet passwordEnabled secretRequired apiKeyConfigured tokenPresent
    keyId apiKeyId accessKeyId access_key_id apiKeyName clientId API-KEY-ARN clientSecretFormat
    secretRotation secretCreatedAt tokenLifetime credentialsSource passwordHint secretNamespace
    secretLocation passwordMode tokenUri secretExists apiKeyEngine secretUri tokenVersion
    user username name url endpoint region model models description topic key publicKey
    maxTokens max_tokens tokens tokenizer tokenLimit tokenCount keyspace keyword keystore
    compass passenger bypass secretary monkey turkey author authType authorization
    bootstrapServers consumerGroup version 日本語 - _ 7
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", [*HARMLESS.split(), "", " "])
def test_names_of_settings_that_are_not_secret(name: str) -> None:
    assert not is_secret(name)


WORDS = st.sampled_from(["api", "key", "client", "secret", "pass", "word", "token", "id", "db"])


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_name_means_the_same_in_every_style(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    styles = ["_".join(words), "-".join(words), ".".join(words), "_".join(words).upper()]
    assert {is_secret(style) for style in styles} == {is_secret(camel)}


CLEAR_WORDS = """
    hunter2 sk-live-6f1d0c2b9a8e4f73 sk-proj-abcdEFGH1234abcdEFGH1234
    ghp_16C7e42F292c6912E7710c838347Ae178B4a AKIAIOSFODNN7EXAMPLE
    wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY Zm9vYmFyYmF6cXV4 amqp://shop:s3cret@mq.example.com
    Endpoint=sb://x.example.com/;SharedAccessKey=Zm9vYmFy 0123456789abcdef p@ss
    xxxxxxxxxxxxyyyyyyyyyyyy secretive 日本語のパスワード pass*word a1**b2 $ecret! $5$rounds=1$x
    100%sure {secret}
"""
CLEAR = [
    *CLEAR_WORDS.split(),
    "correct horse battery staple",
    "-----BEGIN PRIVATE KEY-----\nMIIBVQ\n-----END PRIVATE KEY-----\n",
    '{"key": "MIIEvQ=="}',
    " hunter2 ",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "<a> b",
]

HIDDEN_WORDS = """
    ******** *** * •••••••••••• ●●●● xxxxx XXXXXXXX 00000000 -------- ... #### ???? ****-****
    sk-****abcd sk-proj-**** sk-...9f2c sk-ab…9f2c AKIA**************** ****************abcd
    ab***yz xxxx-xxxx-1234 ••••1234
    <redacted> [hidden] (hidden) REDACTED Redacted ***REDACTED*** ********hidden******** masked
    ENCRYPTED changeme n/a yes No none null
    projects/p/secrets/s/versions/1 kv/data/openai#api_key kubernetes/prod/secrets/openai
    ${workflow.secrets.x} ${workflow.secrets.openai_key} ${OPENAI_KEY} #{secrets.key} %{SECRET}
    {{secret.x}} $OPENAI_KEY %OPENAI_KEY%
    arn:aws:secretsmanager:us-east-1:123456789012:secret:openai-AbCdEf
    vault:secret/data/openai#key secret://openai/key env:OPENAI_KEY projects:demo
    https://vault.example.com/v1/secret/openai secrets/openai/key vault/openai secret.openai.key
    kms/alias
"""
HIDDEN = [
    *HIDDEN_WORDS.split(),
    "",
    " ",
    "\t\n",
    "<hidden by the server>",
    "*** redacted ***",
    "{{ secret.x }}",
    "$(cat key)",
]


@pytest.mark.parametrize("value", CLEAR)
def test_secrets_in_clear_text(value: str) -> None:
    assert in_clear(value)


@pytest.mark.parametrize("value", HIDDEN)
def test_masks_references_and_words(value: str) -> None:
    assert not in_clear(value)
    assert not in_clear(f"  {value}\n")


@given(st.text(max_size=8), st.sampled_from("*•●xX"), st.integers(3, 40), st.text(max_size=8))
def test_a_mask_with_a_few_visible_characters_is_not_a_secret(
    head: str, mask: str, times: int, tail: str
) -> None:
    assert not in_clear(head + mask * times + tail)


KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
WITHIN = [
    (f"Bearer sk-ant-{KEY}", "a credential for authorisation"),
    (f"bearer {KEY}", "a credential for authorisation"),
    ("Basic c2hvcDpIdW50ZXIyMng=", "a credential for authorisation"),
    (f"  Token {KEY}\n", "a credential for authorisation"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "a credential by its form"),
    (f"glpat-{KEY}", "a credential by its form"),
    (f"sk-proj-{KEY}", "a credential by its form"),
    (f"xoxb-12345-{KEY}", "a credential by its form"),
    (f"AIza{KEY}abc", "a credential by its form"),
    (
        "-----BEGIN PRIVATE KEY-----\nMIIBVQ\n-----END PRIVATE KEY-----\n",
        "a credential by its form",
    ),
    ("https://shop:Hunter22x@kafka.example.net", "a password in an address"),
    ("jdbc:mysql://shop:Hunter22x@db:3306/x", "a password in an address"),
    ("amqp://:Hunter22x@mq.example.com", "a password in an address"),
    ('PlainLoginModule required username="u" password="Hunter22x";', "a password in its text"),
    ("jdbc:postgresql://db/x?user=a&password=Hunter22x&ssl=true", "a password in its text"),
    ("Server=db;User Id=a;PWD = Hunter22x;", "a password in its text"),
]


@pytest.mark.parametrize(("value", "what"), WITHIN)
def test_secrets_are_detected_whatever_the_name_of_the_setting(value: str, what: str) -> None:
    assert secret_within(value) == what


@pytest.mark.parametrize(
    "value",
    [
        *(*HIDDEN, None, 7, [], "Bearer", "Bearer token"),
        "Basic authentication",
        "Bearer ${workflow.secrets.key}",
        "Bearer ****************4f2a",
        "Bearer <token>",
        "sk-ant-****************c2b1",
        *("sk-proj-", "ghp_", "AIza", "no-password=x", "password=", "gpt-4o", "us-east-1"),
        "-----BEGIN PUBLIC KEY-----\nMIIBVQ\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIBVQ",
        "https://shop:********@kafka.example.net",
        "https://shop:${secrets.kafka}@kafka.example.net",
        "https://<user>:<password>@kafka.example.net",
        "https://kafka.example.net:9093/a@b",
        "https://kafka.example.net/a:b@c",
        "https://shop@kafka.example.net",
        "https://x.example.net/login?user={user}&password={password}",
        "https://{user}:{password}@x.example.net",
        "update users set pwd = :pwd",
        "kafka-1.example.com:9092,kafka-2.example.com:9092",
        'PlainLoginModule required username="u" password="${secrets.kafka}";',
        "jdbc:postgresql://db/x?user=a&password=****",
        "jdbc:postgresql://db/x?passwordEncryption=scram",
        "projects/demo/secrets/key",
    ],
)
def test_values_that_are_not_recognisable_secrets(value: Any) -> None:
    assert secret_within(value) is None


@given(st.text())
def test_any_text_can_be_examined(text: str) -> None:
    assert is_secret(text) in (True, False)
    assert in_clear(text) in (True, False)
    found = secret_within(text)
    assert found is None or found.startswith("a ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *("a:", "x", "*a", "${", "{{", "<", "[", "%a", "secret/", "…", "a*", "Bearer a", "sk-ant-"),
        *("a://", "a://a:", "a://a:b", "password", "password=", 'password="'),
    ],
)
def test_no_value_takes_long_to_examine(piece: str) -> None:
    value = (piece * 200_000)[:400_000] + "\n!"
    in_clear(value)
    secret_within(value)
