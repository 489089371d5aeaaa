"""People and clients: who they are, whom they may see and why, and the record of every look."""
