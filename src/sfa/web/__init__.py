"""The ground that every web page stands on: templates, guards, errors, ranges, uploads."""
