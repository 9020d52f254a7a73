"""The pages People and Advertisements."""
