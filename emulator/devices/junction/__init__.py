"""Stochastic magnetic tunnel junctions (sMTJs): telegraphs, macrospins and their read-out."""
