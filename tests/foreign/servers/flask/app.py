"""The listing with Flask and SQLite, as the Flask tutorial teaches, and signed tokens."""

import json
import os
import sqlite3

from flask import Flask, abort, g, jsonify, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["TOKEN_SECRET"]


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(os.environ["DATABASE"], timeout=10)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def signer():
    return URLSafeTimedSerializer(app.config["SECRET_KEY"])


@app.before_request
def require_token():
    if request.endpoint == "create_token":
        return
    try:
        signer().loads(request.headers.get("X-Authorization", ""), max_age=3600)
    except BadSignature:
        abort(401)


@app.errorhandler(401)
def unauthorized(error):
    return jsonify(status=401, message="A valid token is required", error="INVALID_TOKEN"), 401


@app.post("/api/token")
def create_token():
    key = request.get_json()
    if (key.get("keyId"), key.get("keySecret")) != (
        os.environ["KEY_ID"],
        os.environ["KEY_SECRET"],
    ):
        abort(401)
    return jsonify(token=signer().dumps(key["keyId"]))


@app.get("/api/integrations/provider")
def list_providers():
    query = """
        SELECT provider.*, COUNT(model.id) AS models_count
        FROM provider LEFT JOIN model ON model.provider_id = provider.id
        WHERE 1 = 1
    """
    values = []
    if "category" in request.args:
        query += " AND category = ?"
        values.append(request.args["category"])
    if request.args.get("activeOnly", "true").lower() != "false":
        query += " AND provider.enabled"
    rows = get_db().execute(query + " GROUP BY provider.id", values).fetchall()
    return jsonify([provider(row) for row in rows])


@app.get("/api/integrations/provider/<name>/integration")
def list_models(name):
    query = """
        SELECT model.api, model.enabled, model.description, provider.name
        FROM model JOIN provider ON model.provider_id = provider.id
        WHERE provider.name = ?
    """
    if request.args.get("activeOnly", "true").lower() != "false":
        query += " AND model.enabled"
    rows = get_db().execute(query, [name]).fetchall()
    return jsonify(
        [
            {"integrationName": row["name"], "api": row["api"], "enabled": bool(row["enabled"])}
            for row in rows
        ]
    )


def provider(row):
    tags = get_db().execute("SELECT key, value FROM tag WHERE provider_id = ?", [row["id"]])
    shown = {
        "name": row["name"],
        "type": row["type"],
        "category": row["category"],
        "configuration": json.loads(row["configuration"]),
        "enabled": bool(row["enabled"]),
        "tags": [dict(tag) for tag in tags],
        "createTime": row["create_time"],
        "updateTime": row["update_time"],
        "createdBy": row["created_by"],
        "updatedBy": row["updated_by"],
        "modelsCount": row["models_count"],
    }
    if row["description"] is not None:
        shown["description"] = row["description"]
    return shown
