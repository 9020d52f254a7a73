"""Language models that learn the domain: what they learn from, how, and whether it helped."""
