"""Tables, views and importers."""
