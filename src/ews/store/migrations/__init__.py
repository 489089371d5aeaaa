"""How the database came to be as it is: one file in ``versions`` a change, run when a store opens."""
