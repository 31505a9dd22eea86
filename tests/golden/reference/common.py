"""Common: folders, seeded tensors and the writing of golden files."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

GOLDEN = Path(__file__).resolve().parent.parent
ROOT = GOLDEN.parent.parent
DEMO = GOLDEN / "demo"
SAMPLES = GOLDEN / "pairs"
CHECKPOINTS = {"demo": DEMO, "small_a": GOLDEN / "small_a", "small_b": GOLDEN / "small_b"}


def seeded(seed):
    """A CPU generator."""
    return torch.Generator("cpu").manual_seed(seed)


def write_tensors(name, tensors, metadata=None):
    """Writes tests/golden/{name}.safetensors: f32, i32 for whole numbers, bytes as they are."""
    plain = {}
    for key, value in tensors.items():
        value = torch.as_tensor(value).detach()
        kind = torch.float32 if value.is_floating_point() else torch.uint8 if value.dtype == torch.uint8 else torch.int32
        plain[key] = value.to(kind).contiguous().clone()
    text = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (metadata or {}).items()}
    save_sorted(plain, GOLDEN / f"{name}.safetensors", text)


def save_sorted(tensors, path, metadata):
    """`save_file` with the metadata in the order of its keys, so that equal contents are equal bytes."""
    save_file(tensors, path, metadata=metadata or None)
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    if metadata:
        header["__metadata__"] = dict(sorted(metadata.items()))
    line = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    line += b" " * (-len(line) % 8)
    path.write_bytes(len(line).to_bytes(8, "little") + line + data[8 + size :])
    path.chmod(0o644)


def write_json(name, value):
    """Writes tests/golden/{name}.json."""
    (GOLDEN / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
