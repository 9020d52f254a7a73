"""What weights do to everybody: the test users' scores, and the figures that several pages show."""
