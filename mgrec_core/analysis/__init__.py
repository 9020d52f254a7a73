"""What a build says of one item, a pair of lists, a group or the graph: results, no drawing."""
