"""Instructions: instruction files for the demo model, and what examples/diffusers/apply_instruction.py makes of them.

edits/instruction_{name}.safetensors: learned rows = projections of the start text plus noise, a different draw in each segment.
edits/instruction_{case}.png, and the table edits/instructions.json. `plain` has no noise: its picture is the start text's.
The files' `instructbrush.base_model` is the fingerprint of the demo model's UNet as `models::weights` defines it.
"""

import hashlib
import sys

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image
from safetensors.torch import load_file

from .common import DEMO, GOLDEN, ROOT, SAMPLES, save_sorted, seeded, write_json
from .gradients import cross_attentions
from .models import tokenize

sys.path.insert(0, str(ROOT / "examples" / "diffusers"))
from apply_instruction import apply_instruction  # noqa: E402

# name: start text, rows, learned rows, segments, noise
FILES = {
    "plain": ("make it midnight", "after-bos", 3, 1, 0.0),
    "words": ("turn the dog into a cat", "after-bos", 6, 5, 1.5),
    "first": ("", "first", 4, 3, 1.5),
}
# file, strength, steps, effect
CASES = [
    ("plain", 1.0, 20, "midnight"),
    ("words", 1.0, 20, "dog2cat"),
    ("words", 0.6, 20, "dog2cat"),
    ("words", 1.4, 7, "snow"),
    ("first", 1.0, 20, "pencil"),
]


def header(start, rows, tokens, segments, base_model):
    about = dict(version=1, segments=segments, tokens=tokens, rows=rows, start=start, space="attention", base_model=base_model)
    about |= dict(base_model_title="Demo IP2P 128", guidance_scale=1.5, image_guidance_scale=1.0, steps=20, strength=1.0)
    about |= dict(steps_per_segment=0, learning_rate=0.03, seed=0, pairs=1)
    words = {f"instructbrush.{key}": str(value) for key, value in about.items()}
    spec = dict(sai_model_spec="1.0.1", architecture="stable-diffusion-v1/instruct-brush", implementation="golden", title="Golden", resolution="128x128")
    return words | {f"modelspec.{key}": value for key, value in spec.items()}


def fingerprint(path):
    """SHA-256 over names and shapes in order, and the values as f16 of what an instruction speaks to."""
    whole = hashlib.sha256()
    for name, tensor in sorted(load_file(path).items()):
        whole.update(f"{name} {list(tensor.shape)}\n".encode())
        if name in ("conv_in.weight", "conv_out.weight") or name.endswith(("attn2.to_k.weight", "attn2.to_v.weight")):
            whole.update(hashlib.sha256(tensor.half().numpy().tobytes()).digest())
    return whole.hexdigest()


def pipeline():
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(DEMO, safety_checker=None, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def write_files(folder):
    pipe = pipeline()
    base_model = fingerprint(DEMO / "unet" / "diffusion_pytorch_model.safetensors")
    for i, (name, (start, rows, tokens, segments, noise)) in enumerate(FILES.items()):
        generator = seeded(70 + i)
        context = pipe.text_encoder(tokenize(pipe.tokenizer, [start])).last_hidden_state[0]
        first = 1 if rows == "after-bos" else 0
        tensors = {}
        for k in range(segments):
            for l, attn in enumerate(cross_attentions(pipe.unet)):
                for half, project in (("key", attn.to_k), ("value", attn.to_v)):
                    learned = project(context[first : first + tokens])
                    learned = learned + noise * torch.randn(learned.shape, generator=generator)
                    tensors[f"segments.{k}.layers.{l}.{half}"] = learned.contiguous()
        path = folder / f"instruction_{name}.safetensors"
        save_sorted(tensors, path, header(start, rows, tokens, segments, base_model))


def make():
    folder = GOLDEN / "edits"
    write_files(folder)
    table = []
    for name, strength, steps, effect in CASES:
        pipe = pipeline()
        file = folder / f"instruction_{name}.safetensors"
        call = apply_instruction(pipe, file, strength) | dict(num_inference_steps=steps)
        path = SAMPLES / effect / "test" / "0_0.png"
        case = f"instruction_{name}_{steps}_{round(strength * 100)}"
        pipe(image=Image.open(path).convert("RGB"), generator=seeded(7), **call).images[0].save(folder / f"{case}.png")
        row = dict(name=case, picture=str(path.relative_to(ROOT)), instruction=str(file.relative_to(ROOT)), strength=strength, steps=steps, seed=7)
        table.append(row | dict(output=f"tests/golden/edits/{case}.png"))
    write_json("edits/instructions", dict(sampler="euler-ancestral", cases=table))
