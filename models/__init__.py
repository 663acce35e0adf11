"""The workloads of the papers, written against the protocols."""
