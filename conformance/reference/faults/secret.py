"""Servers that return secret settings in clear text."""

from __future__ import annotations

from functools import partial

from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Catalogue
from conformance.reference.server import ReferenceServer

SECRET = Catalogue("secret")


class _Open(ReferenceServer):
    """Returns secret settings of one provider."""

    def __init__(self, name: str, settings: dict[str, object]) -> None:
        super().__init__()
        self._name = name
        self._settings = settings

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        if provider.name == self._name:
            configuration = shown["configuration"]
            assert isinstance(configuration, dict)
            shown["configuration"] = {**configuration, **self._settings}
        return shown


OPEN: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("api-key", "An API key", {"api_key": "sk-live-6f1d0c2b9a8e4f73"}),
    ("password", "A password", {"password": "correct horse battery staple"}),
    ("camel-case", "A secret with a long name", {"schemaRegistryApiSecret": "Zm9vYmFyYmF6cXV4"}),
    ("nested", "A deeply nested password", {"sasl": {"jaas": [{"keyStorePassword": "hunter2"}]}}),
    ("private-key", "A private key", {"privateKey": "-----BEGIN PRIVATE KEY-----\nMIIBVQ\n"}),
    ("token", "A token", {"access_token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}),
    (
        "uri",
        "A password in a connection string",
        {"connectionString": "amqp://shop:s3cret@mq.example.com"},
    ),
    (
        "authorization",
        "A credential in a header",
        {"headers": {"Authorization": "Bearer sk-ant-9f8e7d6c5b4a39281706f5e4d3c2"}},
    ),
    (
        "known-form",
        "A token with a well-known prefix",
        {"pat": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
    ),
    (
        "pairs",
        "A password in a list of name/value pairs",
        {"properties": [{"name": "user", "value": "shop"}, {"name": "password", "value": "Hu9x"}]},
    ),
    (
        "address",
        "A password in a URL",
        {"endpoint": "https://shop:Hunter22x@kafka.example.net"},
    ),
    (
        "jaas",
        "A password inside a longer text",
        {"sasl.jaas.config": 'PlainLoginModule required username="u" password="Hunter22x";'},
    ),
    (
        "credentials",
        "A JSON text with credentials",
        {"serviceAccountCredentials": '{"key": "MIIEvQ=="}'},
    ),
)
for _name, _what, _settings in OPEN:
    SECRET.add(
        _name,
        f"{_what} of one provider is in clear text.",
        partial(_Open, "openAI", _settings),
        "SECRET-01",
    )
