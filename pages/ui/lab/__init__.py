"""Parts of the Fusion lab, one file each; all have ``show(view, engine, weights, opened)``."""
