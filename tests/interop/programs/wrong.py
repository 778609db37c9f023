"""What must not pass a type checker; each line says by which of mypy's codes it is refused."""

from __future__ import annotations

from conductor_client import AuthenticatedClient
from conductor_client.api.integrations import get_all_integration_providers as providers
from conductor_client.models import (
    GetAllIntegrationProvidersSupportedCategory as Category,
)
from conductor_client.models import IntegrationProvider


def unknown_category(client: AuthenticatedClient) -> None:
    providers.sync(client=client, category=Category.GITS)  # attr-defined


def category_as_number(client: AuthenticatedClient) -> None:
    providers.sync(client=client, category=6)  # arg-type


def boolean_as_text(client: AuthenticatedClient) -> None:
    providers.sync(client=client, active_only="false")  # arg-type


def unknown_parameter(client: AuthenticatedClient) -> None:
    providers.sync(client=client, type="git")  # call-arg


def misspelt_field(provider: IntegrationProvider) -> int:
    return provider.model_count  # attr-defined no-any-return


def wrong_type(provider: IntegrationProvider) -> str:
    return provider.models_count  # return-value


def optional_field(provider: IntegrationProvider) -> int:
    return provider.update_time  # return-value


def answer_that_may_be_a_refusal(client: AuthenticatedClient) -> int:
    return len(providers.sync(client=client))  # arg-type
