"""Checkpoints: two tiny models with random weights in diffusers' folder layout, as unlike each other as the family allows.

small_a: f32; two levels with attention in the first only, two layers per block, quick_gelu, a three-level VAE whose
         attention has the names of old files (query, key, value, proj_attn: as in Stable Diffusion 1.5),
         tokenizer as vocab.json + merges.txt, the useless ids of SD1.5's text config (eos 2: the end is the highest id).
small_b: unet in fp16 under its variant name, text encoder in bf16 with a left-over `position_ids`, VAE in two shards;
         attention in the two deeper levels with a list of head counts, linear projections, gelu, tokenizer.json.
"""

import json
import shutil

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from .common import CHECKPOINTS, seeded

SCHEDULER = {
    "_class_name": "EulerAncestralDiscreteScheduler",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "steps_offset": 1,
    "trained_betas": None,
}
MERGES = """t h|th e</w>|i n|a n|r e|e r|e r</w>|m a|ma k|mak e</w>|i t</w>|t u|r n</w>|tu rn</w>|p a|pa in|pain t|paint in|paintin g</w>
in t|int o</w>|d o|do g</w>|c a|ca t</w>|an d</w>|s k|sk y</w>|w a|wa t|wat er</w>|wat er|c o|l o|co lo|colo r</w>|s n|sn o|sno w</w>
in g</w>|e n|b l|bl u|blu e</w>|' s</w>|Ã ©</w>|o n|u p|! !</w>|! !|!! !</w>"""


def vocabulary():
    """CLIP's order: bytes, bytes that end a word, merges, start, end."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    words = letters + [letter + "</w>" for letter in letters]
    merges = []
    for line in MERGES.replace("\n", "|").split("|"):
        left, right = line.split(" ", 1)
        assert left in words and right in words and left + right not in words, line
        merges.append((left, right))
        words.append(left + right)
    words += ["<|startoftext|>", "<|endoftext|>"]
    return {word: i for i, word in enumerate(words)}, merges


def write_tokenizer(folder, max_length, as_one_file):
    folder.mkdir(parents=True)
    vocab, merges = vocabulary()
    if as_one_file:
        CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=max_length).save_pretrained(folder)
        return
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    start, end = "<|startoftext|>", "<|endoftext|>"
    special = {"bos_token": start, "eos_token": end, "unk_token": end, "pad_token": end}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
    about = {"do_lower_case": True, "model_max_length": max_length, "tokenizer_class": "CLIPTokenizer"} | special
    (folder / "tokenizer_config.json").write_text(json.dumps(about, indent=2))


def random_tensor(name, shape, generator, attention_gain=2.0):
    """Keeps activations near 1; attention chooses; norms and biases matter."""
    noise = torch.randn(shape, generator=generator)
    if "embedding" in name and "time" not in name:
        return 0.7 * noise
    if len(shape) >= 2:
        gain = attention_gain if any(part in name for part in ("to_q", "to_k", "q_proj", "k_proj")) else 1.2
        return gain * noise / shape[1:].numel() ** 0.5
    return 1.0 + 0.2 * noise if name.endswith("weight") else 0.2 * noise


def random_weights(model, seed):
    """All of a model's parameters, drawn in the order of their names."""
    generator = seeded(seed)
    state = {}
    for name, value in sorted(model.named_parameters()):
        noise = random_tensor(name, value.shape, generator)
        state[name] = noise if value.ndim else value.detach().clone()
    return state


def write_weights(path, state, dtype=torch.float32, extra=None):
    state = {name: value.to(dtype).contiguous() for name, value in state.items()} | (extra or {})
    save_file(state, path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_sharded(folder, state):
    names = sorted(state)
    halves = {1: names[: len(names) // 2], 2: names[len(names) // 2 :]}
    weight_map, stem = {}, "diffusion_pytorch_model"
    for i, half in halves.items():
        file = f"{stem}-{i:05}-of-00002.safetensors"
        write_weights(folder / file, {name: state[name] for name in half})
        weight_map |= {name: file for name in half}
    total = sum(value.numel() * 4 for value in state.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(index, indent=2))


def as_in_old_files(state):
    """The names that VAE attention had when SD1.5 was published."""
    words = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    old = {}
    for name, value in state.items():
        if "attentions" in name:
            for new, word in words.items():
                name = name.replace(new, word)
        old[name] = value
    return old


def unet_of(**sizes):
    return UNet2DConditionModel(in_channels=8, out_channels=4, sample_size=8, norm_num_groups=4, **sizes)


def vae_of(channels, layers, groups, scaling_factor):
    n = len(channels)
    return AutoencoderKL(
        block_out_channels=channels,
        down_block_types=["DownEncoderBlock2D"] * n,
        up_block_types=["UpDecoderBlock2D"] * n,
        layers_per_block=layers,
        norm_num_groups=groups,
        latent_channels=4,
        sample_size=8 * 2 ** (n - 1),
        scaling_factor=scaling_factor,
    )


def write_checkpoint(name, unet, vae, clip, max_length, seed):
    folder = CHECKPOINTS[name]
    shutil.rmtree(folder, ignore_errors=True)
    text = CLIPTextModel(CLIPTextConfig(**clip["text_config"]))
    whole = CLIPModel(CLIPConfig(**clip))
    for part, model in (("unet", unet), ("vae", vae), ("text_encoder", text), ("clip", whole)):
        (folder / part).mkdir(parents=True)
        (model.save_config if part in ("unet", "vae") else model.config.save_pretrained)(folder / part)
    states = {part: random_weights(model, seed + i) for i, (part, model) in enumerate([("unet", unet), ("vae", vae), ("clip", whole)])}
    words = {key: value for key, value in states["clip"].items() if key.startswith("text_model.")}
    stem = "diffusion_pytorch_model"
    if name == "small_a":
        write_weights(folder / "unet" / f"{stem}.safetensors", states["unet"])
        write_weights(folder / "vae" / f"{stem}.safetensors", as_in_old_files(states["vae"]))
        write_weights(folder / "text_encoder" / "model.safetensors", words)
    else:
        write_weights(folder / "unet" / f"{stem}.fp16.safetensors", states["unet"], torch.float16)
        write_sharded(folder / "vae", states["vae"])
        left_over = {"text_model.embeddings.position_ids": torch.arange(max_length)[None]}
        write_weights(folder / "text_encoder" / "model.safetensors", words, torch.bfloat16, left_over)
    write_weights(folder / "clip" / "model.safetensors", states["clip"])
    write_tokenizer(folder / "tokenizer", max_length, as_one_file=name == "small_b")
    write_tokenizer(folder / "clip" / "tokenizer", max_length, as_one_file=name == "small_b")
    for file in (folder / "clip" / "tokenizer").iterdir():
        file.rename(folder / "clip" / file.name)
    (folder / "clip" / "tokenizer").rmdir()
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2))
    index = {
        "_class_name": "StableDiffusionInstructPix2PixPipeline",
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "EulerAncestralDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))


def clip_of(vocab, width, layers, heads, hidden, act, max_length, ids, vision, projection):
    text = dict(vocab_size=vocab, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=hidden)
    text |= dict(hidden_act=act, max_position_embeddings=max_length, projection_dim=projection, **ids)
    return dict(text_config=text, vision_config=vision | dict(hidden_act=act, projection_dim=projection), projection_dim=projection)


def make():
    vocab = len(vocabulary()[0])
    write_checkpoint(
        "small_a",
        unet_of(
            block_out_channels=(8, 16),
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            layers_per_block=2,
            attention_head_dim=2,
            cross_attention_dim=24,
        ),
        vae_of((4, 8, 8), layers=2, groups=2, scaling_factor=0.18215),
        clip_of(
            vocab, 24, 2, 3, 40, "quick_gelu", 16, dict(bos_token_id=0, eos_token_id=2, pad_token_id=1),
            dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=36, image_size=32, patch_size=8), 20,
        ),
        16,
        seed=100,
    )
    write_checkpoint(
        "small_b",
        unet_of(
            block_out_channels=(8, 12, 16),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            layers_per_block=1,
            attention_head_dim=[2, 4, 2],
            cross_attention_dim=20,
            use_linear_projection=True,
        ),
        vae_of((4, 8, 8, 16), layers=1, groups=4, scaling_factor=0.7),
        clip_of(
            vocab, 20, 3, 2, 44, "gelu", 20, dict(bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1),
            dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=28, image_size=24, patch_size=4), 12,
        ),
        20,
        seed=200,
    )
