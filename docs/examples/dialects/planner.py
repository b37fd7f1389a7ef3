import json
import os
import sys
import uuid
from urllib.request import Request, urlopen

URL = os.environ.get("SPOOL_URL", "http://127.0.0.1:8080") + "/api/chat/agent"
HEADERS = {"Authorization": "Bearer " + os.environ["SPOOL_KEY"], "Content-Type": "application/json"}

content, agent = (sys.argv[1:] + ["Write a design document about tea", "demo-document"][len(sys.argv) - 1:])[:2]
body = {
    "session_id": str(uuid.uuid4()),
    "dialogue_history": [{"role": "user", "content": content}],
    "agent": agent,
}

with urlopen(Request(URL, json.dumps(body).encode(), HEADERS)) as response:
    for line in response:
        if not line.startswith(b"data: "):
            continue
        frame = json.loads(line[len(b"data: "):])
        kind, data = frame["event_type"], frame["data"]
        if kind == "assistant_message_chunk":
            print(data["content"], end="", flush=True)
        else:
            print(f"\n[{kind}] {data.get('status_message') or data.get('tool_name') or data.get('filename') or ''}")
