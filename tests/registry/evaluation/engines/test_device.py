from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from registry.errors import EngineError, Usage
from registry.evaluation.engines import device
from registry.evaluation.engines.device import ProfileName, choose


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_missing", lambda: "the driver sees no device")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_missing", lambda: None)
    monkeypatch.setattr(device, "_cublas", lambda: ("libcublasLt.so.12", "libcublas.so.12"))


def cpu_with(monkeypatch: pytest.MonkeyPatch, flags: str, vendor: str = "GenuineIntel") -> None:
    monkeypatch.setattr(device, "_cpu", lambda: (frozenset(flags.split()), vendor))


@pytest.mark.usefixtures("no_cuda")
@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_without_cuda_the_cpu_computes_and_says_why(wanted: device.DeviceName) -> None:
    choice = choose(wanted)
    assert (choice.device, choice.profile, choice.compute_type) == ("cpu", "cpu-f32", "float32")
    assert "the driver sees no device" in choice.reason


@pytest.mark.usefixtures("no_cuda")
def test_cuda_that_is_required_and_missing_is_an_error() -> None:
    with pytest.raises(EngineError, match=r"ENG002 .*the driver sees no device"):
        choose("cuda", require=True)


@pytest.mark.usefixtures("cuda")
def test_auto_takes_cuda_where_it_is() -> None:
    choice = choose("auto")
    assert (choice.device, choice.profile, choice.compute_type) == ("cuda", "fast", "float16")
    assert choice.libraries == ("libcublasLt.so.12", "libcublas.so.12")


@pytest.mark.usefixtures("cuda")
def test_the_pinned_profile_stays_on_the_cpu() -> None:
    assert choose("auto", "cpu-f32").device == "cpu"
    with pytest.raises(Usage, match="ENG001"):
        choose("cuda", "cpu-f32")


def test_require_without_a_device_is_refused() -> None:
    with pytest.raises(Usage, match="ENG001"):
        choose("auto", require=True)


def test_an_avx2_cpu_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_with(monkeypatch, "fpu avx2 avx512f")
    choice = choose("cpu")
    pinned = {name for name, value in choice.environment.items() if value == "AVX2"}
    assert pinned == {"MKL_CBWR", "ONEDNN_MAX_CPU_ISA", "CT2_FORCE_CPU_ISA"}
    assert choice.details == {"isa": "AVX2", "math": "mkl"}
    assert "AVX2" not in choose("cpu", "fast").environment.values()


@pytest.mark.skipif(
    "glibc" not in platform.libc_ver()[0], reason="another C library has its own way with memory"
)
@pytest.mark.parametrize("profile", ["cpu-f32", "fast"])
def test_memory_that_was_given_back_is_not_fetched_from_the_system_again(profile: ProfileName) -> None:
    """48 MB, twice: the second time its 12,000 pages are still there."""
    script = """if True:
        import ctypes, resource
        library = ctypes.CDLL(None)
        library.malloc.restype = ctypes.c_void_p
        faults = []
        for _ in range(2):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            place = ctypes.c_void_p(library.malloc(48 << 20))
            ctypes.memset(place, 1, 48 << 20)
            library.free(place)
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
        print(*faults)"""
    environment = choose("cpu", profile).environment
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    first, second = map(int, done.stdout.split())
    assert second < first / 10


def test_another_cpu_says_that_it_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_with(monkeypatch, "fpu", "ARM")
    choice = choose("cpu")
    assert "AVX2" not in choice.environment.values()
    assert "no AVX2" in choice.reason
    assert choice.details["isa"] != "AVX2"


def test_this_machine_can_be_asked() -> None:
    assert device.cuda_missing() is None or isinstance(device.cuda_missing(), str)
    assert choose("auto").threads >= 1


@pytest.mark.usefixtures("cuda")
def test_every_cuda_device_gets_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_devices", lambda: 3)
    assert choose("cuda").indexes == (0, 1, 2)
    assert choose("cpu").indexes == (0,)
