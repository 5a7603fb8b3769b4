"""The far side of an import, simulated on loopback: Spotify, YouTube, and a host with plain media.

Real clients reach it as they would reach the real one, through the variables that any operator may set:
a proxy, a bundle of authorities, a home. Nothing in `src` knows of it, and nothing is patched.
`fixtures.py` is the door for tests; `world.py` says what there is to find.
"""
