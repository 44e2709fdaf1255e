"""The stages of the pipeline: each takes a frame and returns a new one."""
