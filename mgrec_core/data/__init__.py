"""Tables, views and importers."""

#: Raised whenever schema.sql or views.sql change, so that older databases are told apart.
SCHEMA_VERSION = "4"
