"""The listing with FastAPI: response models, dependencies and JWT, as its tutorial teaches."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

SECRET = os.environ["TOKEN_SECRET"]
ALGORITHM = "HS256"


class Tag(BaseModel):
    key: str
    value: str


class Model(BaseModel):
    api: str
    enabled: bool
    description: str | None = None


class Provider(BaseModel):
    name: str
    type: str
    category: str
    description: str | None = None
    configuration: dict[str, Any]
    enabled: bool
    tags: list[Tag] = []
    createTime: int
    updateTime: int
    createdBy: str
    updatedBy: str
    modelsCount: int


class ProviderInDB(Provider):
    modelsCount: int = 0
    models: list[Model] = []


class AccessKey(BaseModel):
    keyId: str
    keySecret: str


cluster = [
    ProviderInDB(**{**item, "modelsCount": len(item["models"])})
    for item in json.loads(Path(os.environ["CLUSTER"]).read_text("utf-8"))
]
header = APIKeyHeader(name="X-Authorization")


def current_key(token: Annotated[str, Security(header)]) -> str:
    try:
        return jwt.decode(token, SECRET, algorithms=[ALGORITHM])["sub"]
    except jwt.ExpiredSignatureError:
        raise HTTPException(401, "EXPIRED_TOKEN") from None
    except jwt.InvalidTokenError:
        raise HTTPException(401, "INVALID_TOKEN") from None


app = FastAPI()
integrations = APIRouter(prefix="/api/integrations", dependencies=[Depends(current_key)])


@app.post("/api/token")
def create_token(key: AccessKey) -> dict[str, str]:
    if (key.keyId, key.keySecret) != (os.environ["KEY_ID"], os.environ["KEY_SECRET"]):
        raise HTTPException(401, "INVALID_KEY")
    claims = {"sub": key.keyId, "exp": datetime.now(UTC) + timedelta(hours=1)}
    return {"token": jwt.encode(claims, SECRET, algorithm=ALGORITHM)}


@integrations.get("/provider", response_model=list[Provider], response_model_exclude_none=True)
def list_providers(
    category: str | None = None,
    active_only: Annotated[bool, Query(alias="activeOnly")] = True,
):
    found = cluster
    if category is not None:
        found = [provider for provider in found if provider.category == category]
    if active_only:
        found = [provider for provider in found if provider.enabled]
    return found


app.include_router(integrations)
