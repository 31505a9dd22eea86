"""Records what scikit-image, lpips and transformers say of a few pictures (method.md section 5).

    python tests/golden/metrics.py          # torch, torchvision, transformers, lpips, scikit-image, safetensors, pillow, numpy
    python tests/golden/metrics.py --time   # milliseconds of each at 512×512, beside `cargo bench --bench metrics`

Writes beside itself metrics.safetensors: pairs of pictures `{case}.a`, `{case}.b` (bytes), `{case}.psnr`, `{case}.ssim`,
`{case}.lpips`, and `direction`. AlexNet's and the heads' weights are random, drawn from torch.Generator("cpu") with the seeds
0, 1, 2, … in the order of `parts()`: the Rust test draws the same ones. The direction is that of tests/golden/pairs/snow: the pairs
against test pictures that are half edited, with the goldens' model's CLIP.
"""

import subprocess
import sys
import time
from pathlib import Path

import lpips
import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from transformers import CLIPModel

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SNOW = ROOT / "tests/golden/pairs/snow"
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def psnr(a, b):
    return peak_signal_noise_ratio(a, b, data_range=255)


def ssim(a, b):
    return structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2
    )


def read(path):
    return np.asarray(Image.open(path).convert("RGB"))


def cases():
    """Pairs of pictures: drawn ones, noise in odd sizes, the smallest that SSIM takes."""
    noise = np.random.default_rng(0)
    yield "drawn", read(SNOW / "0_0.png"), read(SNOW / "0_1.png")
    yield "near", read(SNOW / "1_0.png"), np.clip(read(SNOW / "1_0.png") + noise.normal(0, 6, (128, 128, 3)), 0, 255).astype(np.uint8)
    yield "odd", *noise.integers(0, 256, (2, 47, 83, 3), dtype=np.uint8)
    yield "flat", np.full((40, 31, 3), 200, np.uint8), np.full((40, 31, 3), 203, np.uint8)
    yield "smallest", *noise.integers(90, 120, (2, 11, 11, 3), dtype=np.uint8)


def parts(net):
    """The tensors of LPIPS in the order in which they are drawn, each with the scale of its numbers."""
    named = {name.split(".", 1)[1]: p for name, p in net.net.named_parameters()}  # slice1.0.weight → 0.weight
    for index in (0, 3, 6, 8, 10):
        weight = named[f"{index}.weight"]
        yield weight, (2 / weight[0].numel()) ** 0.5
        yield named[f"{index}.bias"], 0.1
    for k in range(5):
        yield net.lins[k].model[-1].weight, 1.0


@torch.no_grad()
def random_lpips():
    net = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False).eval()
    for seed, (weight, scale) in enumerate(parts(net)):
        numbers = torch.randn(weight.shape, generator=torch.Generator("cpu").manual_seed(seed)) * scale
        weight.copy_(numbers.abs() if weight.shape[0] == 1 else numbers)  # heads are not negative
    return net


def to_tensor(picture):
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


@torch.no_grad()
def direction():
    clip = CLIPModel.from_pretrained(ROOT / "tests/golden/demo/clip").eval()

    def features(pictures):
        pixels = torch.from_numpy((np.stack(pictures).astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD))
        rows = clip.get_image_features(pixel_values=pixels.permute(0, 3, 1, 2)).pooler_output.double()
        return rows / rows.norm(dim=-1, keepdim=True)

    pairs = [[read(SNOW / f"{i}_{side}.png") for i in range(10)] for side in (0, 1)]
    tests = [[read(SNOW / f"test/{i}_{side}.png") for i in range(5)] for side in (0, 1)]
    halves = [((a.astype(int) + b) // 2).astype(np.uint8) for a, b in zip(*tests)]
    learned = (features(pairs[1]) - features(pairs[0])).mean(0)
    seen = (features(halves) - features(tests[0])).mean(0)
    return 1 - float(torch.nn.functional.cosine_similarity(seen, learned, dim=0))


def measure():
    """The best of 20, then the same of `cargo bench`: one machine, one moment."""
    noise = np.random.default_rng(0)
    a, b = noise.integers(0, 256, (2, 512, 512, 3), dtype=np.uint8)
    net = random_lpips()
    with torch.no_grad():
        functions = {"PSNR": psnr, "SSIM": ssim, "LPIPS": lambda a, b: net(to_tensor(a), to_tensor(b))}
        here = {name: 1e3 * min(timed(function, a, b) for _ in range(20)) for name, function in functions.items()}
    bench = ["cargo", "bench", "--bench", "metrics"]
    printed = subprocess.run(bench, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name, ms in (line.split()[:2] for line in printed.splitlines() if line.split(" ")[0] in here):
        print(f"{name}: Python {here[name]:.2f} ms, instructbrush {float(ms):.2f} ms, {here[name] / float(ms):.1f} times as fast")


def timed(function, *pictures):
    began = time.perf_counter()
    function(*pictures)
    return time.perf_counter() - began


def main():
    if "--time" in sys.argv:
        return measure()
    torch.set_num_threads(1)
    net, tensors = random_lpips(), {}
    for name, a, b in cases():
        found = {"psnr": psnr(a, b), "ssim": ssim(a, b)}
        if min(a.shape[:2]) >= 31:
            with torch.no_grad():
                found["lpips"] = float(net(to_tensor(a), to_tensor(b)))
        print(name, found)
        tensors |= {f"{name}.a": a, f"{name}.b": b} | {f"{name}.{key}": np.float32([v]) for key, v in found.items()}
    tensors["direction"] = np.float32([direction()])
    print("direction", tensors["direction"])
    save_file({key: np.ascontiguousarray(value) for key, value in tensors.items()}, HERE / "metrics.safetensors")


main()
