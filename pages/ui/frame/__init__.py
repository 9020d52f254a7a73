"""What stands around every page: navigation, links, running jobs, undo, and what a page needs to begin."""
