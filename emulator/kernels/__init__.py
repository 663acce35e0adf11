"""SIMD lanes for numba kernels: values, random numbers, and the decision of a p-bit."""
