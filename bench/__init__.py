"""Measurements, side by side in one run; and the storm that kills what it can."""
