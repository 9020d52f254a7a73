"""The weights in force: where they come from, the mixer in the sidebar, presets, the reference."""
