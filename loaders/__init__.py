"""Data in: each module reads one source; only ``graph`` knows them all."""
