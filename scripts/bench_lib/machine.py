"""What the kernel tells: CPU time and memory of processes, and what machine this is."""

import os
import platform
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process; 0 where it is gone or unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # The name may hold blanks: count from behind it.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def busy_seconds():
    """CPU time of the whole machine that was not idle."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (
        int(n) for n in Path("/proc/stat").read_text().split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) * TICK_S


def await_quiet(cores_max, timeout_s):
    """Waits until less than so many cores are busy; False where they stay busy."""
    deadline = time.time() + timeout_s
    while True:
        began, busy = time.time(), busy_seconds()
        time.sleep(1)
        if (busy_seconds() - busy) / (time.time() - began) < cores_max:
            return True
        if time.time() > deadline:
            return False


def rss_max_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def describe():
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 2**20),
        "kernel": platform.release(),
        "system": _system(),
    }


def _system():
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()
