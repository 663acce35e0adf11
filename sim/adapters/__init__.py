"""spinchip behind the interfaces of other libraries."""
