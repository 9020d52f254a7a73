"""What changes a workspace as a whole: import, build, update, forget, review; they alone hold its lock."""
