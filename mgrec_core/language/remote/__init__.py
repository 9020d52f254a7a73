"""Models behind an address: what is asked, how it is asked, and what may be sent there."""
