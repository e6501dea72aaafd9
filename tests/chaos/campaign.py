"""Runs legs of faults on a real Kafka and keeps what they found; see scripts/chaos --help."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from harness.cluster import EX_UNAVAILABLE, Cluster, NoKafka
from harness.pipeline import BUILD, PROGRAM
from harness.worker import environment

from chaos import results
from chaos.catalogue import FAULTS, fitting
from chaos.fault import AT_LEAST_ONCE, GUARANTEES, Fault
from chaos.leg import Leg, Skipped
from chaos.network import Proxy
from chaos.results import Result
from chaos.schedule import draw, rounds

LEG_S = 60.0
LOGS = BUILD / "chaos"
TABLE = LOGS / "results.jsonl"
EX_USAGE = 64
EX_INTERRUPTED = 130


@contextmanager
def stage_set(brokers: int) -> Iterator[tuple[Cluster, Proxy]]:
    """A cluster of its own and the proxy before it."""
    folder = Path(tempfile.mkdtemp(prefix="turnstile-chaos-"))
    cluster = Cluster(folder / "kafka", brokers)
    proxy = None
    try:
        cluster.start("--proxied")
        proxy = Proxy(cluster.routes())
        yield cluster, proxy
    finally:
        if proxy is not None:
            proxy.stop()
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


def refused(guarantee: str) -> str:
    """Why the program does not know the guarantee; empty: it does."""
    if guarantee == AT_LEAST_ONCE:
        return ""
    command = [str(PROGRAM), "check", "--set", f"delivery.guarantee={guarantee}"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip().splitlines()[0]


def version() -> str:
    command = [str(PROGRAM), "version"]
    told = subprocess.run(
        command, capture_output=True, text=True, env=environment(), check=False
    ).stdout
    return told.splitlines()[0] if told else "unknown"


def run_leg(
    cluster: Cluster,
    proxy: Proxy | None,
    kind: type[Fault],
    seed: int,
    guarantee: str,
    seconds: float = LEG_S,
    sets: tuple[str, ...] = (),
) -> Result:
    """Raises Skipped where the fault cannot be done."""
    brokers = len(cluster.ids)
    command = (
        f"scripts/chaos --fault {kind.name} --seed {seed} --brokers {brokers} "
        f"--guarantee {guarantee} --minutes 1" + "".join(f" --set {option}" for option in sets)
    )
    if seconds != LEG_S:
        command += f" --leg-seconds {seconds:g}"
    schedule = draw(kind, seed, seconds)
    print(schedule, flush=True)
    result = Result(kind.name, guarantee, brokers, seed, command, version())
    logs = LOGS / f"{kind.name}-{guarantee}-{brokers}-{seed}"
    Leg(cluster, kind, schedule, result, logs, proxy, sets).run()
    print(
        f"  {'FAILED' if result.failures else 'ok'}: {result.hits} of {result.injected} hit, "
        f"{result.inputs} inputs, {result.lost} lost, {result.repeated} repeated, "
        f"recovery {result.recovery_s} s, fewest passed {result.passed_least}, "
        f"judged by {'+'.join(result.judges) or 'nobody'}",
        flush=True,
    )
    for failure in result.failures:
        print(f"  {failure}; logs: {logs}; again: {command}", flush=True)
    return result


def legs(given: argparse.Namespace) -> Iterator[tuple[type[Fault], int]]:
    """Without end. A single fault begins with the given seed, so that a leg can be repeated."""
    kinds = [FAULTS[name] for name in given.fault] or fitting(given.brokers, given.guarantee)
    for number in count():
        yield from rounds(kinds, given.seed + number)


def run(given: argparse.Namespace) -> int:
    why = refused(given.guarantee)
    if why:
        print(f"SKIPPED, so nothing is known about {given.guarantee}: {why}", flush=True)
        return 0
    print(f"scripts/chaos: seed {given.seed}, {given.brokers} brokers, {given.guarantee}")
    end = time.monotonic() + given.minutes * 60
    skipped: dict[str, str] = {}
    failed = 0
    with stage_set(given.brokers) as (cluster, proxy):
        for kind, seed in legs(given):
            if given.fault and skipped.keys() == set(given.fault):
                break
            if kind.name in skipped:
                continue
            try:
                how = (given.guarantee, given.leg_seconds, tuple(given.set))
                result = run_leg(cluster, proxy, kind, seed, *how)
            except Skipped as reason:
                skipped[kind.name] = str(reason)
                continue
            results.append(given.table_file, result)
            failed += bool(result.failures)
            if time.monotonic() > end:
                break
    for name, why in skipped.items():
        print(f"SKIPPED, so nothing is known about {name}: {why}")
    return 1 if failed else 0


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, help="begin legs for so long; about 1.5 each")
    parser.add_argument("--seed", type=int, help="of everything that is drawn (random, printed)")
    parser.add_argument("--guarantee", choices=GUARANTEES, default=AT_LEAST_ONCE)
    parser.add_argument(
        "--fault",
        choices=FAULTS,
        metavar="NAME",
        action="append",
        default=[],
        help="only this one; repeatable",
    )
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument(
        "--set", metavar="OPTION=VALUE", action="append", default=[], help="of all workers"
    )
    parser.add_argument(
        "--leg-seconds",
        type=float,
        default=LEG_S,
        metavar="N",
        help=f"how long a leg injects faults ({LEG_S:g}); part of what a seed means",
    )
    parser.add_argument("--list", action="store_true", help="show the faults that there are")
    parser.add_argument(
        "--table",
        nargs="?",
        type=Path,
        const=TABLE,
        metavar="FILE",
        help=f"where results accumulate ({TABLE.name} in the build folder); "
        "without --minutes: print them as a table",
    )
    given = parser.parse_args(argv)
    if given.minutes is None and given.table is None and not given.list:
        parser.print_usage(sys.stderr)
        sys.exit(EX_USAGE)
    for name in given.fault:
        if FAULTS[name] not in fitting(given.brokers, given.guarantee):
            print(f"scripts/chaos: {name} needs other --brokers or --guarantee", file=sys.stderr)
            sys.exit(EX_USAGE)
    if given.seed is None:
        given.seed = random.SystemRandom().randrange(10**6)
    given.table_file = given.table or TABLE
    return given


def main(argv: list[str]) -> int:
    given = arguments(argv)
    if given.list:
        for kind in FAULTS.values():
            sizes = " or ".join(map(str, kind.brokers))
            print(f"{kind.name:<40} {sizes:<7} brokers   {' '.join(kind.guarantees)}")
        return 0
    if given.minutes is None:
        print(results.markdown(results.load(given.table_file)))
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):  # Also where a shell ignores SIGINT for us.
        signal.signal(number, signal.default_int_handler)
    try:
        return run(given)
    except KeyboardInterrupt:
        return EX_INTERRUPTED
    except NoKafka as no:
        print(f"scripts/chaos: {no}", file=sys.stderr)
        return EX_UNAVAILABLE
