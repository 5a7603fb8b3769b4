"""Programs of their own, started by a worker; everything heavy is imported only here."""
