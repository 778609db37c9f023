import json
import os
import pathlib

from conductor.client.orkes_clients import OrkesClients

TIMES = {"createdOn": "createTime", "updatedOn": "updateTime"}
env, filters = os.environ, {}
if "CONFORMANCE_CATEGORY" in env:
    filters["type"] = env["CONFORMANCE_CATEGORY"]  # the SDK's name for it
if "CONFORMANCE_ACTIVE_ONLY" in env:
    filters["active_only"] = env["CONFORMANCE_ACTIVE_ONLY"] == "true"
try:
    client = OrkesClients().get_integration_client()
    found = client.integrationApi.get_integration_providers(**filters)
except Exception as error:
    status = getattr(error, "status", None)
    answer = {"error": {"status": status} if status else {}}
else:
    answer = {"error": {}} if found is None else []
    for one in found or ():
        names = [one.attribute_map[name] for name in one.to_dict()]
        values = one.to_dict().values()
        answer.append({TIMES.get(name, name): value for name, value in zip(names, values)})
pathlib.Path(env["CONFORMANCE_ANSWER"]).write_text(json.dumps(answer), "utf-8")
