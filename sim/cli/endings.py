"""How a command ends when interrupted: Ctrl-C and SIGTERM give one line, also in the midst of a long kernel."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager

PATIENCE_S = 2.0  # that a command has to clean up; then the process ends, whatever runs
INTERRUPTED = 2
MESSAGE = "spinchip: Interrupted\n"


@contextmanager
def ended_by_signals():
    """Turn SIGTERM into KeyboardInterrupt inside the block, and see to it that either signal ends the process.

    Python runs a handler only between two of its own steps, and a compiled kernel is one step of minutes. So a thread
    hears of a signal at once, waits `PATIENCE_S` for the block to end, and ends the process with one line on stderr and
    status 2. A command that handles signals itself is left alone. To be used in the main thread.
    """
    before = signal.signal(signal.SIGTERM, _interrupt)
    ears, mouth = socket.socketpair()
    mouth.setblocking(False)
    finished = threading.Event()
    signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(ears, finished), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, before)
        mouth.close()  # which the watcher hears as the end
        watcher.join()
        ears.close()


def _interrupt(number, frame):
    raise KeyboardInterrupt


def _watch(ears, finished):
    """Wait for a signal that is ours, then for the end of the block, then end the process."""
    while numbers := ears.recv(16):
        ours = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _interrupt}
        if any(signal.getsignal(number) is ours.get(number, None) for number in numbers if number in ours):
            if not finished.wait(PATIENCE_S):
                os.write(sys.__stderr__.fileno(), MESSAGE.encode())
                os._exit(INTERRUPTED)
            return
