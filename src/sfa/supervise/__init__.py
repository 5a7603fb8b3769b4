"""The parent of a running studio, and the way to one: database, web and workers as one tree of processes."""

from sfa.supervise.attach import attach as attach
