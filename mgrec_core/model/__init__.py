"""The model: granularities, their fusion, and how a build is computed, stored and explained."""
