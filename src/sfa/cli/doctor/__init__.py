"""`./sfa doctor`: what is there, what is missing, why, and the one command that mends it."""

from sfa.cli.doctor.command import doctor as doctor
