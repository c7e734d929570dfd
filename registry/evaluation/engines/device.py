"""Which device computes, under which profile, and the sentence that says why.

A silent fall-back is how a test run lies about what it tested; here every choice carries its reason.
It must never import the engine: the choice is made before anything heavy is loaded.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from registry.errors import EngineError, Usage

DeviceName = Literal["auto", "cpu", "cuda"]
ProfileName = Literal["cpu-f32", "fast"]
# MKL computes on Intel's processors, oneDNN on all others; each has its own way to be held to one instruction set.
_PINNED = {"MKL_CBWR": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2", "CT2_FORCE_CPU_ISA": "AVX2"}
# The engine asks for the memory of each step anew, tens of MB at a time. glibc gives such pieces back to the system at
# once, which must then clear them again: half of all processor time of a long prompt went there. Elsewhere unread.
_MEMORY_KEPT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
}
_CUBLAS = ("libcublasLt.so.12", "libcublas.so.12")


@dataclass(frozen=True, slots=True)
class Choice:
    """A device with everything that fixes how it computes.

    Attributes:
        environment: variables that must be set before the engine's library is loaded.
        libraries: shared libraries to load first, by path or name.
        details: what the numbers depend on beside profile and device, for keys and comparability.
        indexes: the devices of that kind, one worker each.
    """

    device: Literal["cpu", "cuda"]
    profile: ProfileName
    compute_type: str
    reason: str
    threads: int
    environment: dict[str, str] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    indexes: tuple[int, ...] = (0,)


def choose(
    wanted: DeviceName = "auto", profile: ProfileName | None = None, *, require: bool = False
) -> Choice:
    """The device to compute on.

    ``auto`` and ``cuda`` take CUDA when driver, device and cuBLAS 12 are there, else the CPU with the reason;
    whether the device then really answers is the engine's own probe.

    Raises:
        Usage: ENG001 for profile ``cpu-f32`` on CUDA, or ``require`` without a device.
        EngineError: ENG002 when CUDA is required and not there.
    """
    if require and wanted == "auto":
        raise Usage("ENG001", "--require names no device", "Say --device cuda --require, or --device cpu.")
    if wanted == "cuda" and profile == "cpu-f32":
        what = "profile cpu-f32 computes on the CPU, --device says cuda"
        raise Usage("ENG001", what, "Choose --profile fast, or --device cpu.")
    if wanted == "cpu":
        return on_cpu(profile, "asked for")
    if profile == "cpu-f32":
        return on_cpu(profile, "profile cpu-f32 computes on the CPU")
    missing = cuda_missing()
    if missing is None:
        return on_cuda("driver, device and cuBLAS 12 found")
    if require:
        raise cuda_refused(missing)
    return on_cpu(profile, f"no CUDA: {missing}")


def cuda_refused(why: str) -> EngineError:
    """What is raised when CUDA was required and cannot be used."""
    return EngineError(
        "ENG002", f"CUDA is required but {why}", "Run promptyard test without --require, or mend CUDA."
    )


def on_cpu(profile: ProfileName | None, reason: str) -> Choice:
    """The CPU under a profile; ``cpu-f32`` pins the instruction set so that all AVX2 machines agree."""
    profile = profile or "cpu-f32"
    flags, vendor = _cpu()
    pinned = profile == "cpu-f32" and "avx2" in flags
    isa = "AVX2" if pinned else "native"
    if profile == "cpu-f32" and not pinned:
        reason += "; this CPU has no AVX2, so its answers may differ in rare cases from other machines"
    return Choice(
        device="cpu",
        profile=profile,
        compute_type="float32" if profile == "cpu-f32" else "int8_float32",
        reason=reason,
        threads=_threads(),
        environment=_MEMORY_KEPT | (_PINNED if pinned else {}),
        details={"isa": isa if pinned else f"{isa} {platform.machine()} {vendor}", "math": _library(vendor)},
    )


def cuda_missing() -> str | None:
    """The first thing that CUDA lacks here, in words; None when nothing is seen to be missing."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "there is no NVIDIA driver (libcuda.so.1)"
    if cuda_devices() == 0:
        return "the driver sees no device"
    return None if _cublas() else "cuBLAS 12 is missing (pip install nvidia-cublas-cu12)"


def cuda_devices() -> int:
    """How many devices the driver shows; ``CUDA_VISIBLE_DEVICES`` says which."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def on_cuda(reason: str, compute_type: str = "float16") -> Choice:
    """All CUDA devices, one worker each; float16 by default, because it is fast on every one that is still made."""
    return Choice(
        device="cuda",
        profile="fast",
        compute_type=compute_type,
        reason=reason,
        threads=_threads(),
        environment={"CT2_CUDA_ALLOCATOR": "cub_caching"},
        libraries=_cublas(),
        details={"compute": compute_type},
        indexes=tuple(range(cuda_devices() or 1)),
    )


def _cublas() -> tuple[str, ...]:
    """The wheel's own folder first: the engine's library does not search site-packages on Linux."""
    spec = importlib.util.find_spec("nvidia")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = [Path(place) / "cublas" / "lib" / name for name in _CUBLAS]
        if all(path.is_file() for path in found):
            return tuple(str(path) for path in found)
    try:
        for name in _CUBLAS:
            ctypes.CDLL(name)
    except OSError:
        return ()
    return _CUBLAS


def _threads() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def _library(vendor: str) -> str:
    return "mkl" if vendor == "GenuineIntel" else "other"


@lru_cache(maxsize=1)
def _cpu() -> tuple[frozenset[str], str]:
    """Flags and vendor of the first core, as Linux tells them; empty elsewhere."""
    fields: dict[str, str] = {}
    info = Path("/proc/cpuinfo")
    for line in info.read_text("utf-8", "replace").splitlines() if info.is_file() else ():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return frozenset(fields.get("flags", "").split()), fields.get("vendor_id", "unknown")
