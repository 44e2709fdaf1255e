"""Process entry points: server, workers, relay, scheduler, command line."""
