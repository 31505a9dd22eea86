"""Times InstructPix2Pix's UNet with random weights in diffusers: what `cargo bench --bench gpu -- DEVICE unet` times.

usage: python gpu.py [cuda|cpu]

requirements: torch, diffusers
"""

import json
import sys
import time
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

FLOP = 0.803e12  # of one row at 64×64 latents


def best(run, device, times=10):
    run()
    run()
    fastest = float("inf")
    for _ in range(times):
        sync(device)
        began = time.perf_counter()
        run()
        sync(device)
        fastest = min(fastest, time.perf_counter() - began)
    return 1e3 * fastest


def sync(device):
    if device == "cuda":
        torch.cuda.synchronize()


def main():
    device = sys.argv[1] if len(sys.argv) > 1 else "cpu"
    config = json.loads((Path(__file__).parents[2] / "benches/full_size_unet.json").read_text())
    unet = UNet2DConditionModel.from_config(config).to(device).eval().requires_grad_(False)
    for name, dtype, tf32 in (("f32", torch.float32, False), ("f32 with TF32", torch.float32, True), ("f16", torch.float16, False)):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        unet = unet.to(dtype)
        latents, context = (torch.randn(shape, device=device, dtype=dtype) for shape in ((1, 8, 64, 64), (1, 77, 768)))
        for rows in (1, 3):
            with torch.no_grad():
                ms = best(lambda: unet(latents.repeat(rows, 1, 1, 1), 500, context.repeat(rows, 1, 1)).sample, device)
            print(f"{name}: edit pass, {rows} rows: {ms:.1f} ms, {FLOP * rows / ms / 1e9:.2f} TFLOP/s")

        def learn():
            leaf = context.clone().requires_grad_()
            unet(latents, 500, leaf).sample.square().mean().backward()

        ms = best(learn, device)
        print(f"{name}: learning pass, 1 row: {ms:.1f} ms, {2 * FLOP / ms / 1e9:.2f} TFLOP/s")
        if device == "cuda":
            print(f"{name}: peak memory {torch.cuda.max_memory_allocated() / 1e9:.2f} GB")


main()
