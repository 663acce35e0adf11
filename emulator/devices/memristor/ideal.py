"""The ideal device: keeps its programmed conductance at any time, voltage and temperature."""

from .card import DeviceCard

CARD = DeviceCard(
    name="ideal",
    citation="none: a device without any non-ideality",
    g_min_S=0.0,
    g_max_S=25e-6,  # the window of pcm_ibm, so that currents compare
    t0_s=1.0,
    t_max_s=1e12,
    temperatures_K=(1.0, 1000.0),
)
