import json
import os
import sys
from urllib.request import Request, urlopen

URL = os.environ.get("SPOOL_URL", "http://127.0.0.1:8080") + "/api/v1/chat/stream"
HEADERS = {"Authorization": "Bearer " + os.environ["SPOOL_KEY"], "Content-Type": "application/json"}


def chat(body):
    with urlopen(Request(URL, json.dumps(body).encode(), HEADERS)) as response:
        for line in response:
            if line.startswith(b"data: "):
                yield json.loads(line[len(b"data: "):])


message = sys.argv[1] if len(sys.argv) > 1 else "Send a postcard to Ada"
for frame in chat({"message": message, "agent": "demo-plan"}):
    if frame["chunk_type"] == "content":
        print(frame["chunk"], end="", flush=True)
    else:
        print(f"\n[{frame['chunk_type']}] {frame['chunk']}", flush=True)
    if frame["requires_response"]:
        for told in chat({"session_id": frame["session_id"], "message": "CONFIRM_ACTION:confirm"}):
            print(f"\n[{told['chunk_type']}] {told['chunk']}", flush=True)
