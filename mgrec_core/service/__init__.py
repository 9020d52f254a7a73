"""What runs beside a person: jobs, uploads, queries."""
