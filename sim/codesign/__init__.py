"""Co-design: what a workload costs on each machine, and which design is best."""
