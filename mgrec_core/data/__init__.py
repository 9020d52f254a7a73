"""From sources to tables, views and arrays: importers, cleaning, the knowledge graph."""
