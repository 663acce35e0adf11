"""A simulated board behind a pseudo-terminal: any program that opens the port talks to the RTL."""

from __future__ import annotations

import os
import select
import signal
import threading
import tty
from contextlib import contextmanager

MOST = 4096  # bytes taken from the port at once
BACKLOG = 65_536  # bytes for a host that does not read; no more requests are taken beyond


class PtyBoard:
    """The simulated end and the port of a pseudo-terminal; a context manager.

    Parameters
    ----------
    board : CompiledBoard
        What is behind the port.
    """

    def __init__(self, board):
        self._board = board
        self._pending = b""

    def __enter__(self):
        # The port's own end stays open here, so that a client that leaves does not hang up the line.
        self._near, self._far = os.openpty()
        tty.setraw(self._near)
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self._wake_out, self._wake_in = os.pipe()
        self.port = os.ttyname(self._far)
        return self

    def __exit__(self, *_error):
        for descriptor in (self._near, self._far, self._wake_out, self._wake_in):
            os.close(descriptor)

    def stop(self):
        """End `serve`; may be called from a signal handler or another thread."""
        os.write(self._wake_in, b"x")

    def serve(self):
        """Serve until `stop`; sleeps while the board has nothing to do."""
        while self._exchange():
            if not self._board.idle and len(self._pending) < BACKLOG:
                self._pending += self._board.run()

    def _exchange(self):
        """Move bytes between port and board, waiting if the board is idle; return False when told to stop."""
        full = len(self._pending) >= BACKLOG
        sources = [self._wake_out] if full else [self._wake_out, self._near]
        sinks = [self._near] if self._pending else []
        readable, writable, _ = select.select(sources, sinks, [], None if self._board.idle or full else 0)
        if self._wake_out in readable:
            return False
        if self._near in readable:
            self._board.send(os.read(self._near, MOST))
        if writable:
            self._pending = self._pending[os.write(self._near, self._pending[:MOST]) :]
        return True


@contextmanager
def stopped_by_signals(server):
    """Let SIGINT and SIGTERM stop a server instead of the process, inside the block."""
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda *_: server.stop()) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def served(board):
    """Serve a board by a thread of this process inside the block, which gets the port.

    Parameters
    ----------
    board : CompiledBoard
        What is behind the port; only the thread may touch it meanwhile.
    """
    with PtyBoard(board) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server.port
        finally:
            server.stop()
            thread.join()
