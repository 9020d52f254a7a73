"""What every other layer may use: files, errors, results, progress."""
