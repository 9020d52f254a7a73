"""What a document can be about, one kind a module."""
