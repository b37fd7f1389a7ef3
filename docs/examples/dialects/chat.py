import json
import os
import sys
import time
from urllib.request import Request, urlopen

URL = os.environ.get("SPOOL_URL", "http://127.0.0.1:8080")
HEADERS = {"Authorization": "Bearer " + os.environ["SPOOL_KEY"], "Content-Type": "application/json"}


def chat(body):
    with urlopen(Request(URL + "/chat/stream", json.dumps(body).encode(), HEADERS)) as response:
        for line in response:
            if not line.startswith(b"data: "):
                continue
            data = line[len(b"data: "):].strip()
            if data == b"[DONE]":
                return
            frame = json.loads(data)
            if "error" in frame:
                raise RuntimeError(frame["error"])
            yield frame["content"]
    raise RuntimeError("The connection broke off.")


message = sys.argv[1] if len(sys.argv) > 1 else "Hello!"
session = sys.argv[2] if len(sys.argv) > 2 else f"chat-{time.time_ns()}"
for content in chat({"message": message, "session_id": session}):
    print(content, end="", flush=True)
print()

with urlopen(Request(f"{URL}/sessions/{session}/messages", headers=HEADERS)) as response:
    for stored in json.load(response):
        print(f"[{stored['role']}] {stored['content']} ({stored['id']})")
