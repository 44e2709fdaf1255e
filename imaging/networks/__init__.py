"""The trained networks behind the stages; each is loaded once per process and named with its digest."""
