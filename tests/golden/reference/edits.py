"""Edits: pictures that diffusers' InstructPix2Pix pipeline makes with the demo model, f32, Euler ancestral.

edits/edits.json: the cases (picture relative to the repository, text, steps, scales, seed, output) and a note on noise.
edits/{name}.png: the pipeline's own output. edits/edits.safetensors: {name}.image_latents, {name}.latents (after the last step,
still scaled), {name}.latents.0 (after the first step).
"""

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image

from .common import DEMO, GOLDEN, ROOT, SAMPLES, seeded, write_json, write_tensors

EFFECTS = ["midnight", "dog2cat", "hair_blonde", "pencil", "sepia"]
NOTE = (
    "One torch.Generator('cpu') seeded once. Draws: randn(1, 4, h/8, w/8) for the initial latents (times sigma_max), then one "
    "randn of the same shape after every step, the last included (its sigma_up is 0). Encoding the picture draws nothing (mode)."
)


def cases():
    for effect in EFFECTS:
        for steps in (20, 50):
            yield effect, None, steps, 1.5, 1.0
    yield "purple", None, 20, 7.5, 1.5
    yield "snow", None, 20, 7.5, 1.5
    yield "watercolor", "", 20, 1.5, 1.0


class CountedDraws:
    """Counts draws of noise, to be sure of the order that the note tells."""

    def __enter__(self):
        self.count, self.randn = 0, torch.randn

        def randn(*args, **kwargs):
            self.count += 1
            return self.randn(*args, **kwargs)

        torch.randn = randn
        return self

    def __exit__(self, *_):
        torch.randn = self.randn


def make():
    folder = GOLDEN / "edits"
    folder.mkdir(exist_ok=True)
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(DEMO, safety_checker=None, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    table, tensors = [], {}
    for effect, text, steps, s_t, s_i in cases():
        path = SAMPLES / effect / "test" / "0_0.png"
        if text is None:
            text = (SAMPLES / effect / "instruction.txt").read_text().splitlines()[0].strip()
        name = f"{effect}_{steps}" + ("_empty" if not text else "") + ("_strong" if s_t > 2 else "")
        kept = []

        def keep(_pipe, _step, _t, values, kept=kept):
            kept.append((values["latents"], values["image_latents"][:1]))
            return {}

        with CountedDraws() as draws:
            picture = pipe(
                text,
                image=Image.open(path).convert("RGB"),
                num_inference_steps=steps,
                guidance_scale=s_t,
                image_guidance_scale=s_i,
                generator=seeded(7),
                callback_on_step_end=keep,
                callback_on_step_end_tensor_inputs=["latents", "image_latents"],
            ).images[0]
        assert draws.count == 1 + steps, draws.count
        picture.save(folder / f"{name}.png")
        tensors |= {f"{name}.image_latents": kept[0][1], f"{name}.latents.0": kept[0][0], f"{name}.latents": kept[-1][0]}
        table.append(dict(name=name, picture=str(path.relative_to(ROOT)), text=text, steps=steps, guidance_scale=s_t, image_guidance_scale=s_i, seed=7, output=f"tests/golden/edits/{name}.png"))
    write_json("edits/edits", dict(note=NOTE, sampler="euler-ancestral", cases=table))
    write_tensors("edits/edits", tensors)
