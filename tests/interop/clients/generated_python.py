import json
import os
import pathlib
import urllib.request

from conductor_client import AuthenticatedClient
from conductor_client.api.integrations import get_all_integration_providers as listing
from conductor_client.types import UNSET

env = os.environ
root = env["CONDUCTOR_SERVER_URL"].rstrip("/").removesuffix("/api")
pair = {"keyId": env["CONDUCTOR_AUTH_KEY"], "keySecret": env["CONDUCTOR_AUTH_SECRET"]}
headers = {"Content-Type": "application/json"}
# The contract has no operation for tokens, so that is the caller's part.
request = urllib.request.Request(f"{root}/api/token", json.dumps(pair).encode(), headers)
with urllib.request.urlopen(request) as response:
    token = json.load(response)["token"]
client = AuthenticatedClient(root, token, auth_header_name="X-Authorization", prefix="")
filters = {"category": env.get("CONFORMANCE_CATEGORY", UNSET)}
if "CONFORMANCE_ACTIVE_ONLY" in env:
    filters["active_only"] = env["CONFORMANCE_ACTIVE_ONLY"] == "true"
try:
    found = listing.sync_detailed(client=client, **filters)
except Exception:
    answer = {"error": {}}
else:
    status = found.status_code
    read = isinstance(found.parsed, list)
    answer = [one.to_dict() for one in found.parsed] if read else {"error": {"status": status}}
pathlib.Path(env["CONFORMANCE_ANSWER"]).write_text(json.dumps(answer), "utf-8")
