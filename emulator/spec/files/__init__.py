"""Files and JSON: read with limits, written whole or not at all."""
