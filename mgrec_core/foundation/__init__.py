"""What every other package may use: errors, results, progress, files, checks, registry, log."""
