"""A language model for tests: a server of chat completions that says what it is told, and may keep callers waiting."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LanguageModel:
    """A server of chat completions: `replies` in turn, then the last one again; `gate` closed keeps callers waiting."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.gate = threading.Event()
        self.gate.set()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.requests.append(request)
                model.keys.append(self.headers.get("Authorization"))
                model.gate.wait(60)
                reply = model.replies.pop(0) if len(model.replies) > 1 else model.replies[0]
                self.answer(reply, bool(request.get("stream")))

            def answer(self, reply: str, stream: bool) -> None:
                usage = {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57}
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream" if stream else "application/json")
                self.end_headers()
                if stream:
                    pieces = [reply[at : at + 9] for at in range(0, len(reply), 9)]
                    chunks: list[Any] = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
                    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                    chunks.append({"choices": [], "usage": usage})
                    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
                else:
                    choice = {"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}
                    text = json.dumps({"choices": [choice], "usage": usage})
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def options(self) -> tuple[str, ...]:
        return ("--llm-url", self.url, "--llm-model", "scripted")

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
