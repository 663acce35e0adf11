"""Target accuracies of the workload on digits."""

FLOAT_LEAST = 0.96  # in floating point
HARDWARE_LEAST, N_MACHINES = 0.94, 5  # 6-bit weights and 2 % noise; machines programmed anew
