"""List providers with the client that openapi-python-client generates."""

from __future__ import annotations

import os

from conductor_client import AuthenticatedClient
from conductor_client.api.integrations import get_all_integration_providers as providers
from conductor_client.models import (
    Error,
    GetAllIntegrationProvidersSupportedCategory,
    IntegrationProvider,
)
from conductor_client.types import UNSET, Unset


def connected(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=os.environ["CONDUCTOR_URL"],
        token=token,
        auth_header_name="X-Authorization",
        prefix="",
        raise_on_unexpected_status=True,
    )


def listed(
    client: AuthenticatedClient,
    *,
    category: GetAllIntegrationProvidersSupportedCategory | str | Unset = UNSET,
    active_only: bool = True,
) -> list[IntegrationProvider]:
    answer = providers.sync(client=client, category=category, active_only=active_only)
    if not isinstance(answer, list):
        raise SystemExit(f"refused: {answer}")
    return answer


def told(provider: IntegrationProvider) -> str:
    tags = provider.tags or []
    updated: int | Unset = provider.update_time
    endpoint: object = provider.configuration.additional_properties.get("endpoint", "-")
    return (
        f"{provider.name} {provider.type_} {provider.category} {str(provider.enabled).lower()} "
        f"{provider.models_count} {','.join(f'{tag.key}={tag.value}' for tag in tags) or '-'} "
        f"{'-' if isinstance(updated, Unset) else updated} {endpoint}"
    )


def main() -> None:
    git = GetAllIntegrationProvidersSupportedCategory.GIT
    with connected(os.environ["CONDUCTOR_AUTH_TOKEN"]) as client:
        everything = listed(client, active_only=False)
        for provider in everything:
            print("all", told(provider))
        for provider in everything:
            if not provider.enabled:
                print("inactive", told(provider))
        for provider in listed(client, category=git, active_only=False):
            print("GIT", told(provider))
        for provider in listed(client, category=git):
            print("active GIT", told(provider))
        # A category that the contract does not list is only a string.
        print("listed of another category:", len(listed(client, category="QUANTUM")))
    with connected("not-a-token") as stranger:
        answer = providers.sync_detailed(client=stranger)
        assert isinstance(answer.parsed, Error)
        print("refused", answer.status_code.value, answer.parsed.error)


main()
