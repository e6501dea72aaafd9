"""A TCP proxy between workers and brokers that can be slow, deaf, one-sided or rude.

One port for each broker, which the broker advertises to those that come this way. The proxy runs
its own event loop on a thread; its methods may be called from any other.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

CHUNK = 65_536
DROP_EVERY_S = 0.2
STOP_S = 10.0
TO_BROKER, TO_WORKER = "to broker", "to worker"


@dataclass
class Figures:
    """What became of the traffic since the last fault."""

    passed_bytes: int = 0
    delayed_chunks: int = 0
    held_bytes: int = 0
    resets: int = 0


@dataclass
class State:
    delay_s: float = 0.0
    held: frozenset[str] = frozenset()  # Directions in which nothing arrives.
    figures: Figures = field(default_factory=Figures)


class Proxy:
    def __init__(self, routes: list[tuple[int, int]]) -> None:
        self._routes = routes
        self._state = State()
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()  # Set anew at each change of `held`.
        self._dropping: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._listen())

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{advertised}" for advertised, _ in self._routes)

    @property
    def figures(self) -> Figures:
        return self._state.figures

    def reset_figures(self) -> None:
        self._state.figures = Figures()

    # Faults. Each undoes what was before.

    def delay(self, seconds: float) -> None:
        """Everything arrives so much later, both ways."""
        self._run(self._change(delay_s=seconds))

    def hold(self, *directions: str) -> None:
        """Nothing arrives in these directions until `heal` is called, and nobody is told."""
        self._run(self._change(held=frozenset(directions)))

    def reset(self) -> None:
        """Every connection ends with a reset."""
        self._run(self._reset_some(random.Random(0), 1.0))

    def drop(self, rng: random.Random, probability: float) -> None:
        """From now on each connection is reset with this probability, several times a second."""
        self._run(self._start_dropping(rng, probability))

    def heal(self) -> None:
        self._run(self._change())

    def stop(self) -> None:
        self._run(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_S)

    # On the loop.

    async def _listen(self) -> None:
        for advertised, there in self._routes:

            async def accept(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = there
            ) -> None:
                await self._serve(reader, writer, port)

            self._servers.append(await asyncio.start_server(accept, "127.0.0.1", advertised))

    async def _change(self, delay_s: float = 0.0, held: frozenset[str] = frozenset()) -> None:
        self._state.delay_s, self._state.held = delay_s, held
        if self._dropping is not None:
            self._dropping.cancel()
            self._dropping = None
        self._flowing.set()
        self._flowing = asyncio.Event()

    async def _start_dropping(self, rng: random.Random, probability: float) -> None:
        await self._change()

        async def again() -> None:
            while True:
                await self._reset_some(rng, probability)
                await asyncio.sleep(DROP_EVERY_S)

        self._dropping = self._loop.create_task(again())

    async def _reset_some(self, rng: random.Random, probability: float) -> None:
        for writer in list(self._open):
            if rng.random() < probability:
                reset(writer)
                self._state.figures.resets += 1

    async def _end_all(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
    ) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            reset(writer)  # As the broker itself would refuse.
            return
        self._open.add(writer)
        try:
            await asyncio.gather(
                self._carry(reader, to_broker, TO_BROKER),
                self._carry(from_broker, writer, TO_WORKER),
            )
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            reset(to_broker)
            reset(writer)

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, direction: str
    ) -> None:
        """Until one side ends. Reading goes on while chunks are late: a delay is no bottleneck."""
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)
        deliver = self._loop.create_task(self._deliver(late, target, direction))
        try:
            while chunk := await source.read(CHUNK):
                await late.put((self._loop.time() + self._state.delay_s, chunk))
                if deliver.done():
                    break
            await late.put((0.0, b""))
            await deliver
        finally:
            deliver.cancel()
        raise ConnectionResetError  # The other direction ends with this one.

    async def _deliver(
        self,
        late: asyncio.Queue[tuple[float, bytes]],
        target: asyncio.StreamWriter,
        direction: str,
    ) -> None:
        while True:
            due, chunk = await late.get()
            if not chunk:
                return
            wait = due - self._loop.time()
            if wait > 0:
                self._state.figures.delayed_chunks += 1
                await asyncio.sleep(wait)
            if direction in self._state.held:
                self._state.figures.held_bytes += len(chunk)
                while direction in self._state.held:
                    await self._flowing.wait()
            target.write(chunk)
            await target.drain()
            self._state.figures.passed_bytes += len(chunk)


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection at once, without the usual goodbye."""
    there = writer.get_extra_info("socket")
    if there is not None and there.fileno() >= 0:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
