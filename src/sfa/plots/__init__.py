"""Readings drawn so that a musician learns something: plots, and what each of them says in a sentence."""
