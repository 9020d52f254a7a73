"""What people say of ranked lists (thumbs, clicks, purchases, dismissals) and the weights learned from it."""
