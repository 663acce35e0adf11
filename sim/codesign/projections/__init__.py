"""What a workload takes in time and energy on each machine, and how sure that is."""
