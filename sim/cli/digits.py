"""Command `digits`: train a network on digits, with checkpoints, and test it in floats and on crossbars."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder, made_folder
from ...emulator.spec.files.strict_json import write_json
from . import options
from .console import facts, print_json, progress

DATA = ("optical", "synthetic", "svhn")
NETWORKS = ("cnn", "mlp")
N_SYNTHETIC = (6000, 1000)


def register(app):
    """Add the command of this module."""
    app.command("digits")(digits)


def digits(
    data: Annotated[str, typer.Option("--data", help=f"One of {', '.join(DATA)}.")] = "optical",
    folder: Annotated[
        Path, typer.Option("--folder", help="Where your SVHN files lie; nothing is downloaded.")
    ] = Path(),
    network: Annotated[str, typer.Option("--network", help=f"One of {', '.join(NETWORKS)}.")] = "cnn",
    epochs: Annotated[int, typer.Option("--epochs", help="Passes over the pictures.")] = 20,
    noise: Annotated[
        float, typer.Option("--noise", help="Weight noise while training, over the largest weight.")
    ] = 0.0,
    out: Annotated[Path, typer.Option("--out", help="Folder for network, history and checkpoint.")] = Path(
        "out/digits"
    ),
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Train and test a network on digits. In floats, and on crossbars of 8-bit weights with 1 % noise.

    A checkpoint is kept after every epoch. The same command goes on from it, and ends where a run that never stopped
    would have ended. Must have the extra ``models``.

    Example: spinchip digits --data synthetic --epochs 10 --out out/houses
    """
    if data not in DATA or network not in NETWORKS:
        rule = f"Data must be one of {', '.join(DATA)} and the network one of {', '.join(NETWORKS)}"
        raise InputError(f"{rule}, not {data!r} and {network!r}")
    check_folder(out)
    train_set, test = _sets(data, folder, seed)
    try:
        from ...models.digits.training import DigitPlan, train
    except ImportError as error:
        raise InputError(f"Training must have JAX, not {error}: pip install 'spinchip[models]'") from None
    from ...models.digits.hardware import DigitMachine, noisy_tiles
    from ...models.digits.network import save_network

    plan = DigitPlan(epochs, weight_noise=noise, rate=2e-3)
    made_folder(out)
    with progress(epochs) as step:
        step(f"{network} on {train_set.name}")

        def told(epoch, record):
            step(f"epoch {epoch}: loss {record['loss']:.4f}, accuracy {record['accuracy']:.4f}")

        found, history = train(_spec(network, test.side), train_set, plan, seed, out, told)
    save_network(out / "network.npz", found)
    write_json(out / "history.json", history)
    machine = DigitMachine(found, noisy_tiles(8, 0.01), train_set, seed)
    result = {
        "data": test.name,
        "n_train": len(train_set),
        "n_test": len(test),
        "epochs": epochs,
        "loss": history[-1]["loss"],
        "accuracy": found.accuracy(test),
        "accuracy_on_crossbars": machine.accuracy(test),
        "out": str(out),
    }
    if as_json:
        print_json(result)
    else:
        facts(f"{network} on {test.name}", [(name.replace("_", " "), value) for name, value in result.items()])


def _sets(data, folder, seed):
    """Return the pictures for training and for the test."""
    if data == "svhn":
        from ...models.digits.svhn import read_svhn

        train_set, _, test = read_svhn(folder, seed)
        return train_set, test
    if data == "synthetic":
        from ...emulator.spec.seeds import child_seed
        from ...models.digits.synthetic import house_numbers

        return house_numbers(N_SYNTHETIC[0], seed), house_numbers(N_SYNTHETIC[1], child_seed(seed, "held out"))
    from ...models.digits.images import bundled, train_and_test

    return train_and_test(bundled())


def _spec(network, side):
    """Return the shape of a network for pictures of that side."""
    from ...models.digits.network import NetworkSpec

    if network == "mlp":
        return NetworkSpec("mlp", side, n_hidden=64 if side < 16 else 256)
    return NetworkSpec() if side < 16 else NetworkSpec("cnn", side, (32, 64, 64), 128)
