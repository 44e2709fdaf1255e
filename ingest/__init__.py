"""Ingest: captures come in from camera networks, are verified, sealed and stored before they are acknowledged."""
