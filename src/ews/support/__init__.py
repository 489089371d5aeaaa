"""From scores to support: list levels, the run that stores them, the list and the student's page."""
