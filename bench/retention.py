"""How many cases retention destroys in a second: copies of a paid case whose term has passed, among as many that are
kept, on PostgreSQL. The copies have no photos: what a store takes to remove these comes on top.

    python -m bench.retention --cases 5000
"""

import argparse
import time
from datetime import UTC, datetime, timedelta

from bench.clones import Case
from bench.postgres import own_postgres
from core.clock import SettableClock
from core.logging import configure_logging
from tests.world import World
from workers.bootstrap import build

_KEPT_YEARS = timedelta(days=5.5 * 365)
"""After so long a paid case has ended, whatever the day of the year."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cases", type=int, default=5000, help="whose term has passed; as many are kept")
    chosen = arguments.parse_args()
    configure_logging("CRITICAL")
    with own_postgres() as found:
        register = found.data_dir / "register.json"
        settings = found.model_copy(update={"vehicle_register_file": register})
        clock = SettableClock(datetime(2026, 2, 2, 10, tzinfo=UTC))
        world = World(build(settings, clock), clock, found.data_dir)
        measure(world, clock, chosen.cases)
        world.system.database.engine.dispose()


def measure(world: World, clock: SettableClock, count: int) -> None:
    over, open_ = world.fined(), world.fined()
    # One that is over once nobody can contest it any more.
    world.pay(over, over["amounts"]["open"], "paid")
    world.drain()
    ends, stays = (Case(world.system.database, case["id"]) for case in (over, open_))
    ends.copy(count - 1)
    stays.copy(count - 1, count)
    clock.advance(_KEPT_YEARS)
    began = time.perf_counter()
    gone = 0
    while destroyed := world.system.services.retention.run():
        gone += destroyed
    took = time.perf_counter() - began
    if gone != count:
        raise ValueError(f"{gone} cases went, not {count}")
    print(
        f"{count} cases of {len(ends.rows)} rows destroyed in {took:.1f} s:"
        f" {count / took:.0f} a second, {1000 * took / count:.1f} ms each"
    )


if __name__ == "__main__":
    main()
