"""Applies a learned instruction in a diffusers pipeline; the picture is the one that `instructbrush edit` makes.

    python apply_instruction.py MODEL INSTRUCTION IN.png OUT.png [--strength 1.0] [--steps 20] [--seed 0]

In a program of your own: `apply_instruction(pipe, path)` returns the words and scales to call the pipeline with.
requirements: torch diffusers transformers safetensors pillow
"""

import argparse

import torch
import torch.nn.functional as F
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image
from safetensors import safe_open


class LearnedAttention:
    """Cross-attention in which the instruction's rows of the batch hear learned keys and values."""

    def __init__(self, clock, layer, segments, first, strength):
        self.clock, self.layer, self.segments, self.first, self.strength = clock, layer, segments, first, strength

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        # The pipeline's batch: [instruction + picture, picture only, neither]; the last two hear the empty text.
        n = len(self.segments)
        learned = self.segments[min(int(self.clock["t"] * n / 1000), n - 1)][self.layer]
        heard = []
        for project, rows in zip((attn.to_k, attn.to_v), learned):
            told, image_only, neither = project(encoder_hidden_states).chunk(3)
            told = told.clone()
            told[:, self.first : self.first + len(rows)] = rows.to(told)
            if self.strength != 1:
                told = image_only + self.strength * (told - image_only)
            heard.append(torch.cat([told, image_only, neither]))
        # [b, n, heads * d_head] -> [b, heads, n, d_head]
        q, k, v = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (attn.to_q(hidden_states), *heard))
        return attn.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


def apply_instruction(pipe, path, strength=None):
    """Makes the pipeline hear the instruction; returns the arguments that belong to it. Layers count in forward order."""
    with safe_open(path, "pt") as file:
        about = {key.removeprefix("instructbrush."): value for key, value in file.metadata().items()}
        blocks = [*pipe.unet.down_blocks, pipe.unet.mid_block, *pipe.unet.up_blocks]
        layers = [t.attn2 for b in blocks for a in getattr(b, "attentions", []) for t in a.transformer_blocks]
        rows_of = lambda k, l: [file.get_tensor(f"segments.{k}.layers.{l}.{half}") for half in ("key", "value")]
        segments = [[rows_of(k, l) for l in range(len(layers))] for k in range(int(about["segments"]))]
    clock, first = {}, 1 if about["rows"] == "after-bos" else 0
    pipe.unet.register_forward_pre_hook(lambda _unet, inputs: clock.update(t=float(inputs[1])))
    strength = float(about["strength"]) if strength is None else strength
    for layer, attn in enumerate(layers):
        attn.set_processor(LearnedAttention(clock, layer, segments, first, strength))
    scales = {key: float(about[key]) for key in ("guidance_scale", "image_guidance_scale")}
    return dict(prompt=about["start"], num_inference_steps=int(about["steps"]), **scales)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "instruction", "picture", "out"):
        parser.add_argument(name)
    parser.add_argument("--strength", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(asked.model, safety_checker=None, dtype=torch.float32)
    call = apply_instruction(pipe, asked.instruction, asked.strength)
    call["num_inference_steps"] = asked.steps or call["num_inference_steps"]
    picture = Image.open(asked.picture).convert("RGB")
    pipe(image=picture, generator=torch.Generator("cpu").manual_seed(asked.seed), **call).images[0].save(asked.out)


if __name__ == "__main__":
    main()
