"""`./sfa forge`: files in, stems and readings out, with everything in between shown."""

from sfa.cli.forge.command import forge

__all__ = ["forge"]
