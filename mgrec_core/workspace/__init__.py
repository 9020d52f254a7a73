"""One folder with one data set and all that is built from it: paths, connection, lock, state, key."""
