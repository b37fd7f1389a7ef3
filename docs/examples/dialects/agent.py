import json
import os
import sys
from urllib.request import Request, urlopen

URL = os.environ.get("SPOOL_URL", "http://127.0.0.1:8080") + "/api/v1/agents/{}/chat/stream"
HEADERS = {"Authorization": "Bearer " + os.environ["SPOOL_KEY"], "Content-Type": "application/json"}


def chat(agent, body):
    with urlopen(Request(URL.format(agent), json.dumps(body).encode(), HEADERS)) as response:
        for line in response:
            if line.startswith(b"data: "):
                yield json.loads(line[len(b"data: "):])


agent = sys.argv[1] if len(sys.argv) > 1 else "demo-memory"
message = sys.argv[2] if len(sys.argv) > 2 else "My name is Ada. I like tea."
for frame in chat(agent, {"message": message, "user_id": "ada"}):
    kind, content, tool = frame["chunk_type"], frame["content"], frame["tool_call"]
    if kind == "content":
        print(content, end="", flush=True)
    elif kind == "tool_call":
        print(f"\n[{tool['tool_name']}] {tool['status']}", flush=True)
    elif kind == "memory_update":
        print(f"\n[memory {frame['memories_count']}] {content or '…'}", flush=True)
    else:
        print(f"\n[{kind}] {content or ''}", flush=True)
