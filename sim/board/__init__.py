"""Boards, real or simulated: transports, the framed link, one driver."""
