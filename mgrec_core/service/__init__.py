"""What runs beside a person: jobs and queries in processes of their own."""
