"""The default cluster of the reference server.

It contains the evidence that every requirement needs: an inactive provider in every documented
category; an active one in every category except ``GIT``, so that ``category=GIT`` is empty and
``category=GIT&activeOnly=false`` is not; enabled and disabled models; tags; names outside ASCII;
and providers without the optional fields.

Configuration keys are the documented form fields of each type. A secret is a reference
(``${workflow.secrets.…}``) or a mask, never a value.
"""

from __future__ import annotations

from conformance.reference.entities import MASK, Model, Provider, Tag

__all__ = ["Model", "Provider", "Tag", "default_cluster"]

_ANA = "ana@example.com"
_BEN = "ben@example.com"
_YUKI = "yuki@example.jp"


def default_cluster() -> tuple[Provider, ...]:
    """Return the sixteen providers in the order of the listing."""
    return (*_ai_models(), *_vector_databases(), *_message_brokers(), *_other_categories())


def _model(api: str, create_time: int, *, enabled: bool = True, description: str = "") -> Model:
    return Model(
        api=api,
        enabled=enabled,
        description=description,
        create_time=create_time,
        update_time=create_time + 86_400_000,
        created_by=_ANA,
        updated_by=_BEN,
    )


def _ai_models() -> tuple[Provider, ...]:
    return (
        Provider(
            name="openAI",
            type="openai",
            category="AI_MODEL",
            description="Shared OpenAI account",
            configuration={
                "api_key": "${workflow.secrets.openai_key}",
                "endpoint": "https://api.openai.com",
                "organizationId": "",
            },
            models=(
                _model("gpt-4o", 1_712_000_000_000, description="General purpose"),
                _model("gpt-4o-mini", 1_712_000_100_000, description="Cheap and quick"),
                _model("text-embedding-3-large", 1_712_000_200_000),
                _model("gpt-4", 1_700_000_000_000, enabled=False, description="Superseded"),
                _model("gpt-3.5-turbo", 1_690_000_000_000, enabled=False),
            ),
            tags=(Tag(key="team", value="platform"), Tag(key="env", value="prod")),
            create_time=1_685_000_000_000,
            update_time=1_735_800_000_000,
            created_by=_ANA,
            updated_by=_BEN,
            owner_app="conductor-console",
        ),
        Provider(
            name="anthropic",
            type="anthropic",
            category="AI_MODEL",
            description="Claude for support answers",
            configuration={
                "api_key": MASK,
                "endpoint": "https://api.anthropic.com/v1",
                "version": "2023-06-01",
            },
            models=(
                _model("claude-3-5-sonnet", 1_720_000_000_000),
                _model("claude-3-5-haiku", 1_731_000_000_000, description="For short replies"),
                _model("claude-3-opus", 1_710_000_000_000),
            ),
            create_time=1_709_500_000_000,
            update_time=1_731_100_000_000,
            created_by=_BEN,
            updated_by=_BEN,
        ),
        Provider(
            name="日本語アシスタント",
            type="azure_openai",
            category="AI_MODEL",
            description="東京リージョンの社内向けモデル",
            configuration={
                "api_key": "${workflow.secrets.azure_openai_key}",
                # A configuration may mention a model; this is not a model detail.
                "endpoint": "https://tokyo.openai.azure.com/openai/deployments/o3-mini",
            },
            models=(
                _model("o3-mini", 1_738_500_000_000, description="推論用"),
                _model("gpt-4o-tokyo", 1_725_000_000_000, enabled=False),
            ),
            tags=(Tag(key="team", value="東京"), Tag(key="team", value="support")),
            create_time=1_724_000_000_000,
            update_time=1_740_000_000_000,
            created_by=_YUKI,
            updated_by=_YUKI,
        ),
        Provider(
            name="Mistral d'été",
            type="mistral",
            category="AI_MODEL",
            enabled=False,
            description="Essai arrêté à la rentrée: à réévaluer",
            configuration={"api_key": MASK, "endpoint": "https://api.mistral.ai/v1"},
            models=(_model("codestral-latest", 1_719_900_000_000, enabled=False),),
            create_time=1_719_800_000_000,
            update_time=1_725_300_000_000,
            created_by=_ANA,
            updated_by=_ANA,
        ),
    )


def _vector_databases() -> tuple[Provider, ...]:
    return (
        Provider(
            name="Pinecone",
            type="pineconedb",
            category="VECTOR_DB",
            description="Document search",
            configuration={
                "api_key": "${workflow.secrets.pinecone_key}",
                "projectName": "docs",
                "environment": "us-east-1",
            },
            models=(_model("handbook", 1_701_500_000_000),),
            tags=(Tag(key="team", value="docs"),),
            create_time=1_701_400_000_000,
            update_time=1_701_400_000_000,
            created_by=_BEN,
            updated_by=_BEN,
        ),
        Provider(
            name="weaviate-staging",
            type="weaviatedb",
            category="VECTOR_DB",
            enabled=False,
            description="Staging copy of the product catalogue",
            configuration={"api_key": MASK, "endpoint": "https://weaviate.staging.example.com"},
            models=(
                _model("SampleProducts", 1_715_000_000_000),
                _model("SampleReviews", 1_715_100_000_000, enabled=False),
            ),
            create_time=1_714_900_000_000,
            update_time=1_716_000_000_000,
            created_by=_ANA,
            updated_by=_BEN,
        ),
    )


def _message_brokers() -> tuple[Provider, ...]:
    return (
        Provider(
            name="kafka-orders",
            type="kafka",
            category="MESSAGE_BROKER",
            description="Order events",
            configuration={
                "endpoint": "kafka-1.example.com:9092,kafka-2.example.com:9092",
                "connectionType": "KAFKA_SASL",
                "protocol": "SASL_SSL",
                "user": "conductor",
                "password": "${workflow.secrets.kafka_password}",
                "schemaRegistryApiSecret": MASK,
            },
            tags=(Tag(key="env", value="prod"),),
            create_time=1_677_000_000_000,
            update_time=1_748_000_000_000,
            created_by=_ANA,
            updated_by=_ANA,
            owner_app="orders",
        ),
        Provider(
            name="billing-queue",
            type="aws_sqs",
            category="MESSAGE_BROKER",
            configuration={"connectionType": "CONDUCTOR_ROLE", "region": "eu-west-1"},
            create_time=1_730_000_000_000,
            update_time=1_730_500_000_000,
            created_by=_BEN,
        ),
        Provider(
            name="legacy-rabbit",
            type="amqp",
            category="MESSAGE_BROKER",
            enabled=False,
            description="Kept until the last consumer has moved",
            configuration={
                "protocol": "AMQP",
                "endpoint": "rabbit.example.com",
                "port": 5672,
                "namespace": "/",
                "user": "conductor",
                "password": MASK,
            },
            tags=(Tag(key="lifecycle", value="deprecated"),),
            create_time=1_673_000_000_000,
            update_time=1_690_000_000_000,
            created_by=_ANA,
            updated_by=_BEN,
        ),
    )


def _other_categories() -> tuple[Provider, ...]:
    return (
        Provider(
            name="aws-main",
            type="aws",
            category="CLOUD",
            description="Production account",
            configuration={
                "connectionType": "ACCESS_KEY",
                "region": "us-east-1",
                "user": "${workflow.secrets.aws_access_key_id}",
                "api_key": "${workflow.secrets.aws_access_key}",
            },
            create_time=1_704_100_000_000,
            update_time=1_760_000_000_000,
            created_by=_ANA,
            updated_by=_BEN,
        ),
        Provider(
            name="gcp-sandbox",
            type="gcp",
            category="CLOUD",
            enabled=False,
            description="Sandbox project",
            configuration={"projectName": "sandbox", "environment": "us-central1", "file": MASK},
            tags=(Tag(key="env", value=""),),
            created_by=_BEN,
            updated_by=_BEN,
        ),
        Provider(
            name="warehouse",
            type="relational_db",
            category="RELATIONAL_DB",
            description="Reporting warehouse",
            configuration={
                "jdbcDriver": "org.postgresql.Driver",
                "datasourceURL": "jdbc:postgresql://warehouse.example.com:5432/reports",
                "user": "reader",
                "password": "${workflow.secrets.warehouse_password}",
            },
            create_time=1_695_000_000_000,
            update_time=1_733_000_000_000,
            created_by=_BEN,
            updated_by=_ANA,
        ),
        Provider(
            name="git-metadata-db",
            type="relational_db",
            category="RELATIONAL_DB",
            enabled=False,
            description="Replica, switched off during the migration",
            configuration={
                "jdbcDriver": "com.mysql.cj.jdbc.Driver",
                "datasourceURL": "jdbc:mysql://replica.example.com:3306/git",
                "user": "reader",
                "password": MASK,
            },
            create_time=1_696_000_000_000,
            update_time=1_752_000_000_000,
            created_by=_ANA,
            updated_by=_ANA,
        ),
        Provider(
            name="workflow-repository",
            type="git",
            category="GIT",
            enabled=False,
            description="Workflow definitions",
            configuration={"user": "conductor-bot", "api_key": "${workflow.secrets.git_token}"},
            create_time=1_741_000_000_000,
            update_time=1_741_500_000_000,
            created_by=_YUKI,
            updated_by=_YUKI,
        ),
        Provider(
            name="SendGrid",
            type="sendgrid",
            category="EMAIL",
            description="Customer notifications",
            configuration={"api_key": "${workflow.secrets.sendgrid_key}"},
            tags=(Tag(key="team", value="marketing"),),
            create_time=1_688_000_000_000,
            update_time=1_757_000_000_000,
            created_by=_ANA,
            updated_by=_BEN,
            owner_app="notifications",
        ),
        Provider(
            name="sendgrid-test",
            type="sendgrid",
            category="EMAIL",
            enabled=False,
            configuration={"api_key": MASK},
            create_time=1_758_000_000_000,
            update_time=1_758_100_000_000,
            updated_by=_BEN,
        ),
    )
