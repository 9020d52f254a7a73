"""What the tables hold and how the last import went: the Overview, Import and Data quality pages show it."""
