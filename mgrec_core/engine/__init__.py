"""The façade: rank, explain and look things up in one build of one workspace."""
