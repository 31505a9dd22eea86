"""Models: inputs and outputs of every network of the three checkpoints, block by block, and what tokenizers say.

tokens.json: per checkpoint, what diffusers feeds the text encoder (padded, truncated) and the count of words among the ids.

models_{demo,small_a,small_b}.safetensors, all f32 unless said:
  unet.{case}.sample|timestep|context|output   case "square": t = 651.3; "late": t = 37.0 (small ones: wide)
  unet.{case}.{module}                         outputs inside: conv_in, time_embedding, down_blocks.i, mid_block, up_blocks.i, …
  vae.picture                                  [2, 3, h, w] in [-1, 1]
  vae.encoder, vae.mean, vae.logvar, vae.std   encoder output and the posterior; mean is the mode, all unscaled
  vae.latents, vae.decoded                     decode(latents) as they are: no division by the scaling factor
  vae.encoder.…, vae.decoder.…                 outputs inside
  text.ids                                     i32 [prompts, positions], in the order of tokens.json
  text.last_hidden_state                       after the final norm
  text.hidden.{i}                              first two prompts; 0 = embeddings, i = after layer i - 1
  clip.text.embeds|normalised                  projected, and its unit vector; ids are text.ids
  clip.image.pixel_values|embeds|normalised, clip.image.hidden.{i}   hidden of the first picture only
  clip.preprocess.{wide,tall}.picture          u8 [h, w, 3]
  clip.preprocess.{wide,tall}.pixel_values     [3, side, side]: CLIPImageProcessorPil, bicubic
  clip.preprocess.{wide,tall}.embeds           of those pixel values
"""

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from transformers import AutoTokenizer, CLIPModel, CLIPTextModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from .common import CHECKPOINTS, SAMPLES, seeded, write_json, write_tensors

PROMPTS = [
    "",
    "make it midnight",
    "Make  the DOG into a cat!!!",
    "turn it into a painting, and make the sky blue",
    "  it's a dog's water-colour (2023), isn't it?",
    "naïve café, cafe\u0301",
    "日本語 🐶 snow",
    "tab\tand\nnew\r\nline\u00a0end \u3000.",
    "zxqj uploading qwv",
    "ÀÉÎÕÜ Straße ΩMEGA İstanbul",
    "we'll they've I'm he'd you're can't 'S",
    "a 12,345.67 % of $9 & #5 @home _x_ a/b <tag> \"quoted\" `tick`",
    "turn " * 40 + "it into a cat",
    "!",
    "a\u200bb \u0000c",
    "DÉJÀ-VU… “curly” — dash",
]


def load(name):
    """unet, vae, text encoder, clip and tokenizer of a checkpoint, in f32 from what the files hold."""
    folder = CHECKPOINTS[name]
    variant = "fp16" if name == "small_b" else None
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", variant=variant, dtype=torch.float32)
    vae = AutoencoderKL.from_pretrained(folder / "vae", dtype=torch.float32)
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32, attn_implementation="eager")
    clip = CLIPModel.from_pretrained(folder / "clip", dtype=torch.float32, attn_implementation="eager")
    for model in (unet, vae, text, clip):
        model.eval().requires_grad_(False)
        assert all(p.dtype == torch.float32 for p in model.parameters())
    return unet, vae, text, clip, AutoTokenizer.from_pretrained(folder / "tokenizer")


def tokenize(tokenizer, texts):
    """As the pipeline does it."""
    return tokenizer(texts, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt").input_ids


def tokens(tokenizer):
    ids = tokenize(tokenizer, PROMPTS).tolist()
    words = [len(tokenizer(text, add_special_tokens=False).input_ids) for text in PROMPTS]
    words = [min(n, tokenizer.model_max_length - 2) for n in words]
    cases = [dict(text=t, words=n, ids=i) for t, n, i in zip(PROMPTS, words, ids)]
    ends = dict(bos=tokenizer.bos_token_id, eos=tokenizer.eos_token_id, pad=tokenizer.pad_token_id)
    return dict(positions=tokenizer.model_max_length, **ends, cases=cases)


class Listening:
    """Keeps the outputs of named modules while a model runs."""

    def __init__(self, model, prefix, names):
        self.outputs = {}
        self.handles = [model.get_submodule(n).register_forward_hook(self.hook(prefix + n)) for n in names]

    def hook(self, name):
        def keep(_module, _inputs, output):
            self.outputs[name] = output[0] if isinstance(output, tuple) else output

        return keep

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()


def unet_cases(unet, tokens, seed, shapes):
    n = len(unet.config.block_out_channels)
    names = ["conv_in", "time_embedding", "mid_block", "conv_norm_out", "conv_out"]
    names += [f"{kind}_blocks.{i}" for kind in ("down", "up") for i in range(n)]
    out = {}
    for i, (case, t, h, w, every_block) in enumerate(shapes):
        generator = seeded(seed + i)
        sample = torch.randn(2, 8, h, w, generator=generator)
        context = torch.randn(2, tokens, unet.config.cross_attention_dim, generator=generator)
        with Listening(unet, f"unet.{case}.", names if every_block else []) as heard:
            output = unet(sample, t, encoder_hidden_states=context).sample
        case_tensors = {"sample": sample, "timestep": torch.tensor([t]), "context": context, "output": output}
        out |= {f"unet.{case}.{key}": value for key, value in case_tensors.items()} | heard.outputs
    return out


def vae_cases(vae, seed, h, w):
    n = len(vae.config.block_out_channels)
    names = ["encoder.conv_in", "encoder.mid_block", "decoder.conv_in", "decoder.mid_block"]
    names += [f"encoder.down_blocks.{i}" for i in range(n)] + [f"decoder.up_blocks.{i}" for i in range(n)]
    generator = seeded(seed)
    picture = torch.nn.functional.interpolate(torch.randn(2, 3, h // 4, w // 4, generator=generator), (h, w), mode="bilinear")
    picture = (picture + 0.1 * torch.randn(2, 3, h, w, generator=generator)).clamp(-1, 1)
    down = 2 ** (n - 1)
    latents = torch.randn(2, 4, h // down, w // down, generator=generator)
    with Listening(vae, "vae.", [*names, "encoder"]) as heard:
        posterior = vae.encode(picture).latent_dist
        decoded = vae.decode(latents).sample
    out = {"picture": picture, "mean": posterior.mode(), "logvar": posterior.logvar, "std": posterior.std}
    out |= {"latents": latents, "decoded": decoded}
    return {f"vae.{key}": value for key, value in out.items()} | heard.outputs


def text_cases(text, clip, tokenizer):
    ids = tokenize(tokenizer, PROMPTS)
    output = text(ids, output_hidden_states=True)
    out = {"text.ids": ids, "text.last_hidden_state": output.last_hidden_state}
    out |= {f"text.hidden.{i}": h[:2] for i, h in enumerate(output.hidden_states)}
    embeds = clip.get_text_features(ids).pooler_output
    return out | {"clip.text.embeds": embeds, "clip.text.normalised": embeds / embeds.norm(dim=-1, keepdim=True)}


def image_cases(clip, seed):
    side = clip.config.vision_config.image_size
    pixels = torch.randn(1 if side > 64 else 2, 3, side, side, generator=seeded(seed))
    embeds = clip.get_image_features(pixels).pooler_output
    hidden = clip.vision_model(pixels[:1], output_hidden_states=True).hidden_states
    out = {"image.pixel_values": pixels, "image.embeds": embeds, "image.normalised": embeds / embeds.norm(dim=-1, keepdim=True)}
    out |= {f"image.hidden.{i}": h for i, h in enumerate(hidden)}
    # Not the model's size: one wide, one tall and odd.
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    for name, effect, size in (("wide", "dog2cat", (160, 96)), ("tall", "lava", (75, 131))):
        picture = Image.open(SAMPLES / effect / "test" / "0_0.png").convert("RGB").resize(size, Image.LANCZOS)
        values = torch.as_tensor(np.asarray(processor(picture).pixel_values[0]))
        out[f"preprocess.{name}.picture"] = torch.as_tensor(np.array(picture))
        out[f"preprocess.{name}.pixel_values"] = values
        out[f"preprocess.{name}.embeds"] = clip.get_image_features(values[None]).pooler_output[0]
    return {f"clip.{key}": value for key, value in out.items()}


SHAPES = {
    "demo": [("square", 651.3, 16, 16, True), ("late", 37.0, 16, 16, False)],
    "small_a": [("square", 651.3, 8, 8, True), ("late", 37.0, 8, 16, True)],
    "small_b": [("square", 651.3, 8, 8, True), ("late", 37.0, 8, 16, True)],
}
PICTURES = {"demo": (32, 32), "small_a": (32, 32), "small_b": (32, 64)}


@torch.no_grad()
def make():
    words = {}
    for i, name in enumerate(CHECKPOINTS):
        unet, vae, text, clip, tokenizer = load(name)
        words[name] = tokens(tokenizer)
        out = unet_cases(unet, tokenizer.model_max_length, 1000 * i, SHAPES[name])
        out |= vae_cases(vae, 1000 * i + 10, *PICTURES[name])
        out |= text_cases(text, clip, tokenizer)
        out |= image_cases(clip, 1000 * i + 20)
        write_tensors(f"models_{name}", out)
    write_json("tokens", words)
