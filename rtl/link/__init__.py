"""The host link in Amaranth: UART, COBS, frames, and requests on the register bus."""
