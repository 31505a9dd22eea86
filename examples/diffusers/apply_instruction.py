"""Applies a learned instruction in a diffusers pipeline; the picture is the one that `instructbrush edit` makes, or nearly so where
the model recommends LCM: diffusers rounds its timesteps otherwise and begins with a little more noise.

    python apply_instruction.py MODEL INSTRUCTION IN.png OUT.png [--strength 1.0] [--steps 20] [--seed 0]

In a program of your own: `pipe.scheduler = recommended_scheduler(pipe, model)`, then `apply_instruction(pipe, path)` returns the
words and scales to call the pipeline with. Where a scale makes the pipeline drop guidance, the picture is ours only if both are 1.
requirements: torch diffusers transformers safetensors pillow
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import LCMScheduler, StableDiffusionInstructPix2PixPipeline
from PIL import Image
from safetensors import safe_open


class LearnedAttention:
    """Cross-attention in which the instruction's rows of the batch hear learned keys and values."""

    def __init__(self, pipe, clock, null, layer, segments, first, strength):
        self.pipe, self.clock, self.null = pipe, clock, null
        self.layer, self.segments, self.first, self.strength = layer, segments, first, strength

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        # The pipeline's batch: [instruction + picture, picture only, neither]; the last two hear the empty text. Without
        # guidance, which is where the text's scale is 1, it computes the first alone.
        branches = 3 if self.pipe.do_classifier_free_guidance else 1
        n = len(self.segments)
        learned = self.segments[min(int(self.clock["t"] * n / 1000), n - 1)][self.layer]
        heard = []
        for project, rows in zip((attn.to_k, attn.to_v), learned):
            told, *others = project(encoder_hidden_states).chunk(branches)
            told = told.clone()
            told[:, self.first : self.first + len(rows)] = rows.to(told)
            if self.strength != 1:
                null = project(self.null.to(told))
                told = null + self.strength * (told - null)
            heard.append(torch.cat([told, *others]))
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
    empty = pipe.tokenizer("", padding="max_length", max_length=pipe.tokenizer.model_max_length, return_tensors="pt")
    with torch.no_grad():
        null = pipe.text_encoder(empty.input_ids.to(pipe.device))[0]
    for layer, attn in enumerate(layers):
        attn.set_processor(LearnedAttention(pipe, clock, null, layer, segments, first, strength))
    scales = {key: float(about[key]) for key in ("guidance_scale", "image_guidance_scale")}
    return dict(prompt=about["start"], num_inference_steps=int(about["steps"]), **scales)


def recommended_scheduler(pipe, model):
    """The pipeline's own, or LCM's where the model's folder recommends it."""
    settings = Path(model, "instructbrush.json")
    if settings.exists() and json.loads(settings.read_text()).get("sampler") == "lcm":
        return LCMScheduler.from_config(pipe.scheduler.config, original_inference_steps=1000)
    return pipe.scheduler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "instruction", "picture", "out"):
        parser.add_argument(name)
    parser.add_argument("--strength", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(asked.model, safety_checker=None, dtype=torch.float32)
    pipe.scheduler = recommended_scheduler(pipe, asked.model)
    call = apply_instruction(pipe, asked.instruction, asked.strength)
    call["num_inference_steps"] = asked.steps or call["num_inference_steps"]
    picture = Image.open(asked.picture).convert("RGB")
    pipe(image=picture, generator=torch.Generator("cpu").manual_seed(asked.seed), **call).images[0].save(asked.out)


if __name__ == "__main__":
    main()
