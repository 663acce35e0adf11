"""A web server on the loopback interface: one page, a stream of frames, and commands."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files

from ...emulator.spec.errors import InputError, SpinchipError
from ...emulator.spec.files.json_reading import parse_json
from ...emulator.spec.files.strict_json import json_text

HOST = "127.0.0.1"
PAGE = files(__package__) / "page.html"
MAX_COMMAND = 4096  # bytes
SILENCE_S = 2.0  # after which a stream says that it is still there


class Scope:
    """Frames of a live sampler, served to any number of pages.

    Parameters
    ----------
    live : LiveSampler
        Sampler that runs.
    port : int
        Port of the loopback interface; 0 takes a free one.
    fps : float
        Most frames a second.
    """

    def __init__(self, live, port=0, fps=30.0):
        if not 0 < fps <= 1000:
            raise InputError(f"Frames a second must be above 0, at most 1000, not {fps!r}")
        self.live, self._pause_s = live, 1.0 / fps
        self._condition, self._frame, self._number = threading.Condition(), None, 0
        self._is_ending = threading.Event()
        try:
            self._server = _Server((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise InputError(
                f"Port must be free on {HOST}, which {port} is not; --port 0 takes a free one ({error})"
            ) from None
        self._server.scope = self
        self._threads = [
            threading.Thread(target=self._run, daemon=True),
            threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True),
        ]

    @property
    def url(self):
        """Address of the page."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_ending.set()
        with self._condition:
            self._condition.notify_all()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()

    def wait(self):
        """Wait until the scope ends; KeyboardInterrupt comes through."""
        while not self._is_ending.wait(0.5):
            pass

    def next_frame(self, number):
        """Return a frame newer than ``number`` and its number; no frame after a silence, or at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._number > number or self._is_ending.is_set(), SILENCE_S)
            return (None, number) if self._number <= number else (self._frame, self._number)

    @property
    def is_ending(self):
        """Whether pages shall be let go."""
        return self._is_ending.is_set()

    def _run(self):
        """Make frames until the end, as many a second as asked for."""
        due = time.monotonic()
        while not self._is_ending.is_set():
            try:
                frame = self.live.frame()
            except SpinchipError as error:
                frame = {"error": str(error)}
            if frame is not None:
                with self._condition:
                    self._frame, self._number = frame, self._number + 1
                    self._condition.notify_all()
            due = max(due + self._pause_s, time.monotonic())
            self._is_ending.wait(max(0.0, due - time.monotonic()) if frame and "error" not in frame else 0.1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    scope: Scope


class _Handler(BaseHTTPRequestHandler):
    """Answers a page; nothing from another site, by the name of the host and the type of a command."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Serve the page, what there is, or the stream."""
        if not self._is_local():
            return
        if self.path == "/":
            self._answer(HTTPStatus.OK, PAGE.read_bytes(), "text/html; charset=utf-8")
        elif self.path == "/about":
            self._answer(HTTPStatus.OK, json_text(self.server.scope.live.about()).encode(), "application/json")
        elif self.path == "/stream":
            self._stream()
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"nothing here\n", "text/plain")

    def do_POST(self):
        """Take a command; 400 with one line if it breaks a rule."""
        if not self._is_local():
            return
        length = self.headers.get("Content-Length", "")
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        if self.path != "/command" or not is_json or not length.isdigit() or int(length) > MAX_COMMAND:
            self._answer(HTTPStatus.BAD_REQUEST, b"a command is JSON of at most 4096 bytes\n", "text/plain")
            return
        try:
            self.server.scope.live.change(parse_json(self.rfile.read(int(length))))
        except InputError as error:
            self._answer(HTTPStatus.BAD_REQUEST, f"{error}\n".encode(), "text/plain; charset=utf-8")
            return
        self._answer(HTTPStatus.OK, json_text(self.server.scope.live.about()).encode(), "application/json")

    def _is_local(self):
        """Return whether the page was asked for by a loopback name; otherwise refuse."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host in (HOST, "localhost"):
            return True
        self._answer(HTTPStatus.FORBIDDEN, b"only for this machine\n", "text/plain")
        return False

    def _answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if status >= HTTPStatus.BAD_REQUEST:
            self.send_header("Connection", "close")  # a body that was not read would be taken for the next request
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def _stream(self):
        """Send frames as events until the page goes or the scope ends."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        scope, number = self.server.scope, 0
        try:
            while not scope.is_ending:
                frame, number = scope.next_frame(number)
                text = ": still here\n\n" if frame is None else f"data: {json_text(frame)}\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()
        except OSError:
            pass  # the page is gone

    def log_message(self, *_):
        """Keep quiet; the terminal belongs to the program."""
