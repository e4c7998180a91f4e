"""Measures synth: time and peak memory, lazy against plain imports, and how both grow with environments."""
