"""What a browser session holds: its workspace and view, the open build, look-ups in it, what was deleted."""
