"""What the analyst is looking at, as it stands in a link: the view, its history, the pages there are."""
