"""How a command ends: on signals, closed pipes and full devices; and what it says on the way."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from spinchip.sim.cli import console

LONG = (
    "sample",
    "[ring n=60 J=1]",
    "--beta",
    "1",
    "--sweeps",
    "200000000",
    "--every",
    "100000",
)  # long
RING = "[ring n=6 J=1 h=0.3]"
START = "import sys; from spinchip.sim.cli.app import main; main(sys.argv[1:])"


@contextmanager
def started(*arguments, every="0", **streams):
    """Start the command line as a process of its own; it does not outlive the block."""
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **streams}
    settings["env"] = {**os.environ, console.EVERY: every}
    with subprocess.Popen([sys.executable, "-c", START, *arguments], **settings) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.promise("cli.endings")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_a_signal_ends_a_command_inside_a_compiled_kernel_with_one_line(kind):
    with started(*LONG, every="0.2") as process:
        said = [process.stderr.readline() for _ in range(20)]  # progress, from a thread beside the kernel
        assert re.fullmatch(r"spinchip: \w+: 200000000 sweeps of 64 chains, \d+ s\n", said[-1]), said
        process.send_signal(kind)
        out, err = process.communicate(timeout=60)
    last = err.splitlines()[-1]
    assert (process.returncode, out, last) == (2, "", "spinchip: Interrupted"), err
    assert "Traceback" not in err


@pytest.mark.promise("cli.endings")
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_outputs_that_nobody_takes(flags):
    arguments = ("info", RING, *flags)
    with open("/dev/full", "w") as full, started(*arguments, stdout=full) as process:
        _, err = process.communicate(timeout=60)
    line = "spinchip: Output must be written whole, which the system refuses (No space left on device)\n"
    assert (process.returncode, err) == (2, line)
    reading, writing = os.pipe()
    os.close(reading)
    with started(*arguments, stdout=writing) as process:
        os.close(writing)
        assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)


@pytest.mark.parametrize("closed", ["1", "2"])
def test_closed_streams_are_no_error(closed):
    command = [sys.executable, "-c", START, "info", RING]
    code = f"import os; os.close({closed}); os.execv({sys.executable!r}, {command!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.promise("cli.endings")
def test_progress_without_a_terminal_is_a_line_now_and_then(monkeypatch):
    heard = io.StringIO()
    monkeypatch.setenv(console.EVERY, "0.02")
    monkeypatch.setattr(sys, "stderr", heard)
    with console.progress(3) as step:
        step("first")
        step("second")
        until = time.monotonic() + 30
        while heard.getvalue().count("\n") < 2 and time.monotonic() < until:
            time.sleep(0.01)
    assert re.match(r"(spinchip: second, step 2 of 3, 0 s\n){2}", heard.getvalue())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(None, 10.0), ("2.5", 2.5), ("0", 3e7), ("-1", 3e7), ("inf", 3e7), ("nan", 3e7), ("x", 10.0)],
)
def test_seconds_between_lines_come_from_the_environment(monkeypatch, text, seconds):
    monkeypatch.delenv(console.EVERY, raising=False)
    if text is not None:
        monkeypatch.setenv(console.EVERY, text)
    assert console.every_s() == seconds


def test_version_is_that_of_the_package():
    with started("--version") as process:
        out, err = process.communicate(timeout=60)
    assert re.fullmatch(r"spinchip \d+\.\d+\.\d+\S*\n", out), err
    assert process.returncode == 0
