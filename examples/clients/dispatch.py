"""Dispatches a record, waits for its run's end and lists the customer's runs, with Python's standard library alone.

Written against the OpenAPI document that the service describes itself with (GET /v1/openapi.json). Usage:

    SLUICE_URL=http://localhost:4500 SLUICE_TOKEN=… python3 dispatch.py orders '{"order": {"id": "o-1"}}' orderId=o-1
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL = os.environ["SLUICE_URL"]
WORKSPACE = os.environ.get("SLUICE_WORKSPACE", "demo")
RETRIED = (429, 502, 503, 504)
ENDED = ("completed", "failed", "cancelled")


def call(method, path, body=None, headers=None, attempts=6):
    """Calls an operation. Repeats what is safe to repeat: reads, and dispatches under their key."""
    request = urllib.request.Request(
        f"{URL}/v1/workspaces/{WORKSPACE}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['SLUICE_TOKEN']}",
            "Content-Type": "application/json",
            **(headers or {}),
        },
    )
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(request, timeout=35) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in RETRIED or attempt == attempts:
                raise RuntimeError(f"{error.code}: {error.read().decode()}") from error
        except urllib.error.URLError:
            if attempt == attempts:
                raise
        time.sleep(0.2 * 2**attempt)


def dispatch_and_wait(flow_id, payload):
    """Sends the same dispatch again until its run has ended. The key makes it one run."""
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "wait=25"}
    while True:
        run = call("POST", f"/flows/{flow_id}/runs", {"payload": payload}, headers)
        if run["status"] in ENDED:
            return run
        time.sleep(1)


def runs(**query):
    """All runs that match, page by page."""
    cursor = {}
    while True:
        page = call("GET", f"/runs?{urllib.parse.urlencode({**query, **cursor})}")
        yield from page["items"]
        if "nextCursor" not in page:
            return
        cursor = {"cursor": page["nextCursor"]}


if __name__ == "__main__":
    flow, payload, attribute = sys.argv[1:4]
    ended = dispatch_and_wait(flow, json.loads(payload))
    print(ended["status"], json.dumps(ended.get("output")))
    name, value = attribute.split("=", 1)
    for found in runs(**{f"attribute.{name}": value, "limit": 1}):
        print(found["runId"], found["status"])
