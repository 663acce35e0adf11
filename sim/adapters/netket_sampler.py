"""spinchip for NetKet users: a `netket.sampler.Sampler` whose states come from p-bits, of any backend."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import netket as nk
import numpy as np
from netket.utils import struct

from ...emulator.spec.errors import InputError, SpinchipError
from ...emulator.spec.seeds import child_seed
from ...models.nqs.sampling import MOST_SWEEPS, Plan, draw_blocks, first_states
from ..front_door import sampling
from ..samplers.by_name import backend
from .netket_network import boltzmann_machine

BLOCKS = "blocks"  # the block Gibbs kernel, whose chains go on from their last states
MOST_ROUNDS = 20  # of a backend, each twice as long as the one before, until every chain has its neutral states


class PbitSamplerState(nk.sampler.SamplerState):
    """Where the chains stand: last states, random key, and sweeps and records since the last reset."""

    σ: jax.Array
    rng: jax.Array
    n_sweeps: float = 0.0
    n_records: int = 0

    def __init__(self, σ, rng, n_sweeps=0.0, n_records=0):
        self.σ, self.rng, self.n_sweeps, self.n_records = σ, rng, n_sweeps, n_records
        super().__init__()

    @property
    def sweeps_per_record(self):
        """Sweeps that one record took, those of rejected states included; NaN before the first."""
        return self.n_sweeps / self.n_records if self.n_records else float("nan")


class PbitSampler(nk.sampler.Sampler):
    """States of a real RBM from the p-bits of its Boltzmann machine.

    Works with `netket.models.RBM` and `RBMSymm` whose activation is ln cosh or half of it. Of a Hilbert space with
    total Sz = 0 only neutral states are kept. States are drawn outside JAX, so `sample` cannot be jitted; `MCState`,
    `VMC` and `VMC_SR` call it outside.

    Parameters
    ----------
    hilbert : netket.hilbert.Spin
        Spins 1/2, free or with total Sz = 0.
    on : str
        "blocks", the kernel of block Gibbs sampling, or a backend of `sim.samplers.by_name`, on which every call starts
        anew.
    n_chains : int
        Number of independent chains.
    n_burn_in : int
        States passed over before the first record after a reset; on a backend, sweeps at the start of every call.
    sweep_size : int
        Sweeps between records on a backend. The kernel records every state.
    fabric : FabricOptions, optional
        Word formats and the like of hardware backends.

    Examples
    --------
    >>> hilbert = nk.hilbert.Spin(s=0.5, N=4)
    >>> state = nk.vqs.MCState(PbitSampler(hilbert), nk.models.RBM(alpha=1), n_samples=64, seed=1)
    >>> state.samples.shape
    (16, 4, 4)
    """

    on: str = struct.field(pytree_node=False)
    n_burn_in: int = struct.field(pytree_node=False)
    sweep_size: int = struct.field(pytree_node=False)
    fabric: object = struct.field(pytree_node=False)
    _n_chains: int = struct.field(pytree_node=False)

    def __init__(self, hilbert, on=BLOCKS, *, n_chains=16, n_burn_in=100, sweep_size=1, fabric=None, machine_pow=2):
        if not isinstance(hilbert, nk.hilbert.Spin) or hilbert.local_size != 2:
            raise InputError(f"Hilbert space must be of spins 1/2, not {hilbert}")
        if hilbert.constrained and not _is_neutral(hilbert):
            raise InputError(f"Hilbert space must be free or of total Sz = 0, not {hilbert}")
        if min(n_chains, sweep_size) < 1 or n_burn_in < 0:
            raise InputError("Chains and sweep size must be 1 or more, burn-in 0 or more")
        if on != BLOCKS:
            backend(on, fabric)  # an unknown name is refused here, not in the middle of a training
        elif fabric is not None:
            raise InputError("Fabric choices must go with a hardware backend, not with the block Gibbs kernel")
        self.on, self.n_burn_in, self.sweep_size, self.fabric = on, n_burn_in, sweep_size, fabric
        self._n_chains = n_chains
        super().__init__(hilbert, machine_pow=machine_pow, dtype=np.int8)

    @property
    def n_chains(self):
        """Chains."""
        return self._n_chains

    @property
    def n_batches(self):
        """States drawn at once: one a chain."""
        return self._n_chains

    @property
    def is_neutral(self):
        """Whether only states without magnetisation are kept."""
        return bool(self.hilbert.constrained)

    def _init_state(self, machine, parameters, key):
        del machine, parameters
        own, seed = jax.random.split(key)
        plan = Plan(n_chains=self.n_chains, is_neutral=self.is_neutral)
        return PbitSamplerState(jnp.asarray(first_states(self.hilbert.size, plan, _number(seed))), own)

    def _reset(self, machine, parameters, state):
        del machine, parameters
        return state.replace(n_sweeps=0.0, n_records=0)

    def _sample_chain(self, machine, parameters, state, chain_length, return_log_probabilities=False):
        own, seed = jax.random.split(state.rng)
        power = float(self.machine_pow)
        boltzmann = boltzmann_machine(machine, parameters, power, self.hilbert.size)
        if self.on == BLOCKS:
            burn_in = self.n_burn_in if state.n_records == 0 else 0
            plan = Plan(self.n_chains, chain_length, burn_in, self.is_neutral)
            drawn = draw_blocks(boltzmann, plan, _number(seed), initial=np.asarray(state.σ))
            spins, per_record = drawn.spins, drawn.sweeps_per_record
        else:
            spins, per_record = self._on_backend(boltzmann, chain_length, _number(seed))
        n_records = self.n_chains * chain_length
        state = state.replace(
            σ=jnp.asarray(spins[:, -1]),
            rng=own,
            n_sweeps=state.n_sweeps + per_record * n_records,
            n_records=state.n_records + n_records,
        )
        samples = jnp.asarray(spins)
        if not return_log_probabilities:
            return samples, state
        logs = self.log_pdf(machine.apply)(parameters, samples.reshape(-1, self.hilbert.size))
        return (samples, logs.reshape(samples.shape[:2])), state

    def _on_backend(self, boltzmann, chain_length, seed):
        """Return states, (n_chains, chain_length, n), and sweeps a record."""
        sampler, instance = backend(self.on, self.fabric), boltzmann.instance("network")
        run = {"chains": self.n_chains, "burn_in": self.n_burn_in, "every": self.sweep_size}
        wanted = chain_length
        for attempt in range(MOST_ROUNDS):
            n_sweeps = self.n_burn_in + wanted * self.sweep_size
            own = child_seed(seed, "attempt", attempt)
            found = sampling.sample(instance, 1.0, n_sweeps, on=sampler, seed=own, **run)
            visible = found.spins[..., : boltzmann.n_visible]
            counts = np.ones(visible.shape[:2], dtype=bool)
            if self.is_neutral:
                counts = visible.sum(axis=2, dtype=np.int64) == 0
            if counts.sum(axis=1).min() >= chain_length:
                kept = np.stack([one[is_kept][:chain_length] for one, is_kept in zip(visible, counts, strict=True)])
                return kept, self.sweep_size * counts.size / counts.sum()
            if wanted * self.sweep_size > MOST_SWEEPS * chain_length:
                break
            wanted *= 2
        raise SpinchipError(f"Chains must find {chain_length} states without magnetisation, not fewer: they are frozen")


def _is_neutral(hilbert):
    """Whether the only constraint is total Sz = 0."""
    states = hilbert.random_state(jax.random.key(0), 64)
    return bool((np.asarray(states).sum(axis=1) == 0).all())


def _number(key):
    """Return a whole number from a key."""
    return int(jax.random.bits(key, dtype=jnp.uint32))
