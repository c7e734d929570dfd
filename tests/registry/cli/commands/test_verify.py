from __future__ import annotations


def test_a_damaged_file_is_refused_by_its_name(told, error_of, yard) -> None:
    path = yard.root / told("release")["file"]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert f"{path.name}: " in error_of(3, ["verify", str(path)])
