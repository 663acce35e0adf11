"""The fabrics: formats, tables, words and registers that golden and RTL share."""
