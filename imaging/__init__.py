"""Imaging: validates photos, reads the plate, knows when it does not know, hides bystanders."""
