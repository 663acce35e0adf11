"""Tools of this machine, each tried before it is used; synthesis tools."""
