"""Command `scope`: p-bits of a running backend in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options
from .console import OUT


def register(app):
    """Add the command of this module."""
    app.command("scope")(options.takes_backend(options.reads_instance(scope)))


def scope(
    instance: options.Instance,
    on: options.Backend = "reference",
    beta: options.Beta = 1.0,
    port: Annotated[int, typer.Option("--port", help="On the loopback interface; 0 takes a free one.")] = 8765,
    sweeps: Annotated[int, typer.Option("--sweeps", help="Sweeps of a frame.")] = 10,
    hold: options.Hold = None,
    fps: Annotated[float, typer.Option("--fps", help="Most frames a second.")] = 30.0,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Watch p-bits flip in a browser. Spins, energy, histogram beside the exact distribution; change beta, clamp spins.

    Serves this machine alone until Ctrl-C. Up to 12 spins have an exact distribution. Ports of a logic circuit are
    shown and held as numbers.

    Example: spinchip scope '[multiplier bits=3]' --hold p=35 --beta 0.7
    """
    from ...emulator.instances.resolve import resolve
    from ..samplers.by_name import backend
    from ..scope.live import LiveSampler
    from ..scope.server import Scope
    from .console import print_json

    sampler = backend(on, options.fabric_options(fabric) if fabric else None)
    model = resolve(instance, file_format)
    live = LiveSampler(sampler, model, beta, sweeps, seed)
    for name, number in (options.held_numbers(hold) or {}).items():
        live.change({"port": [name, number]})
    with Scope(live, port, fps) as served:
        if as_json:
            print_json({"url": served.url})
        else:
            OUT.print(f"open {served.url} in a browser; Ctrl-C ends", highlight=False, markup=False)
        try:
            served.wait()
        except KeyboardInterrupt:
            return
