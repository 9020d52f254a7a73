"""The formats, one a module; nothing else is here, for all of it is read to list them."""
