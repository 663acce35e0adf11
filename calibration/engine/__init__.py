"""One fitting engine: model, fit, bootstrap, intervals, record."""
