"""How one thing is drawn on every page: figures, tables, headings, files, errors."""
