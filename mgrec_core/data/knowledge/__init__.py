"""The knowledge graph: rules that derive triples from the data, and names linked to items."""
