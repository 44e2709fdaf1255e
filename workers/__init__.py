"""Process entry points: server, workers, relay, scheduler, command line."""

import gc

# Loading makes many objects that stay, units of work many that go by themselves: looking for cycles among them as often
# as by default costs a fifth of the one and a quarter of the other.
gc.set_threshold(50_000, 20, 50)
