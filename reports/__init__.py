"""Every number has one definition here, and drills down to its rows."""
