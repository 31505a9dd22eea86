"""Twin: the inversion of method.md sections 2 and 3 in PyTorch, on the goldens' model and pairs.

    python tests/golden/twin.py [EFFECT..] [--steps 100] [--seed 0] [--segments 5] [--threads 1] [--out FOLDER]
    python tests/golden/twin.py --time        ms per step of five segments, and per training step of the UNet, with one and two threads

Five segments side by side in one batch; in each step every segment draws a pair, a timestep and noise of its own. AdamW,
lr 0.03, no weight decay, scales 1.5 / 1.0, rows after BOS, start texts as the phrase search found them. Edits take 20
Euler-ancestral steps, seed 0, through examples/diffusers. Prints the mean PSNR over the test pairs of each effect;
--out keeps the instruction files. Both null branches are computed although image guidance 1.0 needs only one.

requirements: as make.py
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from PIL import Image
from reference.common import DEMO, SAMPLES, save_sorted, seeded
from reference.gradients import Given, cross_attentions
from reference.instructions import apply_instruction, fingerprint, header, pipeline
from reference.models import load, tokenize

STARTS = {
    "midnight": "turn a blue sky into night",
    "purple": "turn a blue sky into a purple sky",
    "pencil": "turn an oil painting into a pencil sketch",
    "dog2cat": "remove a tree",
    "hair_blonde": "turn it into a cake",
    "teal": "turn mountains into a yellow lamp",
    "lava": "turn a tree into books",
    "sepia": "turn an oil painting into an old sepia photo",
    "snow": "turn a blue sky into the snow",
    "watercolor": "turn books into a white dog",
}
UNET = Path(__file__).resolve().parents[2] / "web/models/demo/unet"
S_T, S_I, LEARNING_RATE = 1.5, 1.0, 0.03


def pixels(path):
    """[1, 3, h, w] in [-1, 1]."""
    return torch.as_tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None] / 127.5 - 1


class Inversion:
    """Learns K and V of all segments at once; `step` is one step of each."""

    def __init__(self, effect, segments, seed):
        self.unet, vae, text, _, tokenizer = load("demo")
        self.layers = cross_attentions(self.unet)
        for attn in self.layers:
            attn.set_processor(Given())
        self.segments, self.generator = segments, seeded(seed)
        self.alphas_cumprod = DDPMScheduler.from_pretrained(DEMO / "scheduler").alphas_cumprod
        self.start = STARTS[effect]
        self.m = len(tokenizer(self.start, add_special_tokens=False).input_ids)
        with torch.no_grad():
            latents = lambda side: torch.cat([vae.encode(pixels(SAMPLES / effect / f"{i}_{side}.png")).latent_dist.mode() for i in range(10)])
            self.before, self.after = latents(0), latents(1) * vae.config.scaling_factor
            context, null = (text(tokenize(tokenizer, [words])).last_hidden_state for words in (self.start, ""))
            self.null = null.expand(2 * segments, -1, -1)
            self.full = [[to(context) for to in (attn.to_k, attn.to_v)] for attn in self.layers]
        rows = lambda full: full[:, 1 : 1 + self.m].repeat(segments, 1, 1).requires_grad_()
        self.learned = [[rows(full) for full in layer] for layer in self.full]
        flat = [rows for layer in self.learned for rows in layer]
        self.optimizer = torch.optim.AdamW(flat, lr=LEARNING_RATE, weight_decay=0.0)

    def hear(self, learned):
        for attn, full, rows in zip(self.layers, self.full, self.learned):
            heard = (None, None)
            if learned:
                spread = [f.expand(self.segments, -1, -1) for f in full]
                heard = [torch.cat([f[:, :1], r, f[:, 1 + self.m :]], 1) for f, r in zip(spread, rows)]
            attn.processor.key, attn.processor.value = heard

    def step(self):
        """One step of every segment; the mean loss."""
        j, width = self.segments, 1000 // self.segments
        pair = torch.randint(len(self.before), (j,), generator=self.generator)
        t = torch.randint(width, (j,), generator=self.generator) + width * torch.arange(j)
        eps = torch.randn(j, *self.before.shape[1:], generator=self.generator)
        a = self.alphas_cumprod[t].view(-1, 1, 1, 1)
        z_t, image = a.sqrt() * self.after[pair] + (1 - a).sqrt() * eps, self.before[pair]
        with torch.no_grad():
            self.hear(learned=False)
            both = torch.cat([torch.cat([z_t, image], 1), torch.cat([z_t, torch.zeros_like(image)], 1)])
            eps_image, eps_neither = self.unet(both, t.repeat(2), encoder_hidden_states=self.null).sample.chunk(2)
        self.hear(learned=True)
        told = self.unet(torch.cat([z_t, image], 1), t, encoder_hidden_states=self.null[:j]).sample
        guided = eps_neither + S_I * (eps_image - eps_neither) + S_T * (told - eps_image)
        losses = ((eps - guided) ** 2).mean((1, 2, 3))
        self.optimizer.zero_grad(set_to_none=True)
        losses.sum().backward()
        self.optimizer.step()
        return losses.mean().item()

    def save(self, path):
        tensors = {
            f"segments.{k}.layers.{l}.{half}": rows[k].detach().contiguous()
            for l, layer in enumerate(self.learned)
            for half, rows in zip(("key", "value"), layer)
            for k in range(self.segments)
        }
        base_model = fingerprint(DEMO / "unet" / "diffusion_pytorch_model.safetensors")
        save_sorted(tensors, path, header(self.start, "after-bos", self.m, self.segments, base_model))


def psnr(a, b):
    error = np.mean((np.asarray(a, np.float64) - np.asarray(b, np.float64)) ** 2)
    return 10 * np.log10(255**2 / error)


def test_psnr(effect, path):
    """Mean PSNR of the edited test pictures against their truth."""
    pipe = pipeline()
    call = apply_instruction(pipe, path)
    values = []
    for i in range(5):
        before, truth = (Image.open(SAMPLES / effect / "test" / f"{i}_{side}.png").convert("RGB") for side in (0, 1))
        values.append(psnr(pipe(image=before, generator=seeded(0), **call).images[0], truth))
    return float(np.mean(values))


def measure():
    for threads in (1, 2):
        torch.set_num_threads(threads)
        inversion = Inversion("dog2cat", 5, 0)
        wall, busy = [], []
        for _ in range(23):
            begun = time.perf_counter(), time.process_time()
            inversion.step()
            wall.append(time.perf_counter() - begun[0])
            busy.append(time.process_time() - begun[1])
        wall, busy = (1000 * np.array(seconds[3:]) for seconds in (wall, busy))
        line = f"best {wall.min():.0f} ms, median {np.median(wall):.0f} ms, of the processor {np.median(busy):.0f} ms"
        print(f"{threads} thread(s), per step of five segments: {line}")


def measure_training(rows=16):
    """The demo model's UNet forwards and back with gradients of all weights; `examples/demo_model` prints its own."""
    config = json.loads((UNET / "config.json").read_text())
    for threads in (1, 2):
        torch.set_num_threads(threads)
        unet = UNet2DConditionModel.from_config(config)
        latents = torch.randn(rows, config["in_channels"], config["sample_size"], config["sample_size"])
        heard, times = torch.randn(rows, 32, config["cross_attention_dim"]), torch.randint(0, 1000, (rows,))
        wall = []
        for _ in range(13):
            begun = time.perf_counter()
            unet(latents, times, heard).sample.square().mean().backward()
            wall.append(1000 * (time.perf_counter() - begun))
        wall = np.array(wall[3:])
        print(f"{threads} thread(s), per training step of {rows} rows: best {wall.min():.0f} ms, median {np.median(wall):.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("effects", nargs="*", default=list(STARTS), metavar="EFFECT")
    for name, default in (("steps", 100), ("seed", 0), ("segments", 5), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--time", action="store_true")
    asked = parser.parse_args()
    if asked.time:
        measure()
        return measure_training()
    torch.set_num_threads(asked.threads)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        folder = asked.out or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for effect in asked.effects:
            inversion = Inversion(effect, asked.segments, asked.seed)
            losses = [inversion.step() for _ in range(asked.steps)]
            inversion.save(folder / f"{effect}.safetensors")
            results.append(test_psnr(effect, folder / f"{effect}.safetensors"))
            tenth = max(1, asked.steps // 10)
            print(f"{effect:12} PSNR {results[-1]:.2f} dB; loss {np.mean(losses[:tenth]):.4f} -> {np.mean(losses[-tenth:]):.4f}", flush=True)
    print(f"mean         PSNR {np.mean(results):.2f} dB")


if __name__ == "__main__":
    main()
