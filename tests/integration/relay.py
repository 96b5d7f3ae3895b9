"""A port that stays while the server behind it comes and goes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes TCP connections on to `target`; while there is none, or it does not answer, they are closed at once.

    A server that starts again cannot count on the port it had: another process may have taken it. Behind a relay it
    takes any. With `hold_after`, nothing more goes to the server once it was sent so many bytes, until `release`: so a
    client is in the middle of its work for as long as a test needs it to be."""

    def __init__(self, target: str, hold_after: int) -> None:
        self.target: str | None = target
        self.left = hold_after
        self.held = threading.Event()
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def release(self) -> None:
        self.released.set()

    def close(self) -> None:
        self.release()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        with client:
            if self.target is None:
                return
            host, port = self.target.split(":")
            try:
                server = socket.create_connection((host, int(port)))
            except OSError:
                return
            with server:
                upward = threading.Thread(target=self.pump, args=(client, server, True), daemon=True)
                upward.start()
                self.pump(server, client, False)
                upward.join()

    def pump(self, source: socket.socket, sink: socket.socket, upward: bool) -> None:
        """Until either end is gone; then both are."""
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if upward:
                    self.wait_for_turn(len(data))
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def wait_for_turn(self, size: int) -> None:
        with self.lock:
            self.left -= size
            if self.left >= 0:
                return
        self.held.set()
        self.released.wait()
