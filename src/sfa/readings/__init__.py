"""Readings of sound: arrays in, frozen dataclasses out. Imports nothing else of sfa."""
