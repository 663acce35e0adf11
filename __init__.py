"""Co-design of probabilistic and in-memory computers, from couplings to hardware that provably samples."""

from .emulator import cache_folders

cache_folders.prepare()
