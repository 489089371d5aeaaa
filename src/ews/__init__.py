"""ews: an open early-warning service for schools."""

__version__ = "0.1.0"
