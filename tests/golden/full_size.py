"""Writes a checkpoint of InstructPix2Pix's exact sizes with random weights, and what diffusers computes from it.

    python tests/golden/full_size.py FOLDER [--dtype fp32|fp16] [--init drawn|torch] [--time] [--threads 1]

FOLDER becomes a diffusers checkpoint (4.3 GB in fp32, 2.2 GB in fp16 under the variant names) with the habits of the
published one: old names in the VAE's attention, a left-over `position_ids`, useless ids in the text config. The tokenizer
has CLIP's form and size, with invented merges. FOLDER/reference.safetensors, computed in f32 from the weights as stored:
  unet.sample [1, 8, 64, 64], unet.timestep [1], unet.context [1, 77, 768], unet.output
  vae.picture [1, 3, 256, 256], vae.mean, vae.latents [1, 4, 32, 32], vae.decoded (both unscaled)
  text.ids i32 [2, 77], text.last_hidden_state
--init torch: the weights that PyTorch begins a training with, in place of drawn ones that keep activations near 1.
--time adds FOLDER/time.json: seconds per UNet row on 2 threads, best of three, and the peak memory of this process.
An existing checkpoint in FOLDER is kept: then only the reference and the time are made anew.

requirements: as make.py; 8 GB of memory
"""

import argparse
import json
import resource
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from reference.checkpoints import SCHEDULER, as_in_old_files, random_tensor, vocabulary
from reference.common import save_sorted, seeded
from reference.models import tokenize
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

PARAMETERS = {"unet": 859_532_484, "vae": 83_653_863, "text_encoder": 123_060_480}
POSITIONS, WORDS = 77, 49408


def networks(device):
    """The three networks; on the device "meta" without memory for their weights."""
    torch.manual_seed(0)
    with torch.device(device):
        unet = UNet2DConditionModel(
            sample_size=64,
            in_channels=8,
            out_channels=4,
            block_out_channels=(320, 640, 1280, 1280),
            layers_per_block=2,
            attention_head_dim=8,
            cross_attention_dim=768,
        )
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=["DownEncoderBlock2D"] * 4,
            up_block_types=["UpDecoderBlock2D"] * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=512,
            scaling_factor=0.18215,
        )
        sizes = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
        ids = dict(bos_token_id=0, eos_token_id=2, pad_token_id=1)
        config = CLIPTextConfig(vocab_size=WORDS, max_position_embeddings=POSITIONS, hidden_act="quick_gelu", projection_dim=768, **sizes, **ids)
        text = CLIPTextModel(config)
    return {"unet": unet, "vae": vae, "text_encoder": text}


def write_tokenizer(folder):
    """The small vocabulary's merges, then invented ones until there are as many words as CLIP has."""
    folder.mkdir()
    vocab, merges = vocabulary()
    start, end = "<|startoftext|>", "<|endoftext|>"
    words = [word for word in vocab if word not in (start, end)]
    known = set(words)
    letters = "etaoinshrdlucmfwypvbgkqjxz"
    stems = list(letters)
    while len(words) < WORDS - 2:
        longer = []
        for left in stems:
            for right in [*letters, *(letter + "</w>" for letter in letters)]:
                if left + right not in known and len(words) < WORDS - 2:
                    merges.append((left, right))
                    words.append(left + right)
                    known.add(left + right)
                if not right.endswith("</w>"):
                    longer.append(left + right)
        stems = longer
    table = {word: i for i, word in enumerate([*words, start, end])}
    (folder / "vocab.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": start, "eos_token": end, "unk_token": end, "pad_token": end}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    about = {"model_max_length": POSITIONS, "tokenizer_class": "CLIPTokenizer"} | special
    (folder / "tokenizer_config.json").write_text(json.dumps(about))


def write_checkpoint(folder, dtype, init):
    for i, (part, model) in enumerate(networks("meta" if init == "drawn" else "cpu").items()):
        (folder / part).mkdir(parents=True)
        (model.config.save_pretrained if part == "text_encoder" else model.save_config)(folder / part)
        count = sum(p.numel() for p in model.parameters())
        assert count == PARAMETERS[part], f"{part} has {count} parameters; InstructPix2Pix has {PARAMETERS[part]}"
        generator = seeded(900 + i)
        state = {}
        for name, value in sorted(model.named_parameters()):
            value = random_tensor(name, value.shape, generator, attention_gain=1.2) if init == "drawn" else value.detach()
            state[name] = value.to(dtype).contiguous()
        if part == "vae":
            state = as_in_old_files(state)
        if part == "text_encoder":
            state = {name if name.startswith("text_model.") else f"text_model.{name}": value for name, value in state.items()}
            state["text_model.embeddings.position_ids"] = torch.arange(POSITIONS)[None]
        stem = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        variant = ".fp16" if dtype == torch.float16 else ""
        save_file(state, folder / part / f"{stem}{variant}.safetensors", metadata={"format": "pt"})
    write_tokenizer(folder / "tokenizer")
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2))
    parts = {"scheduler": "EulerAncestralDiscreteScheduler", "unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
    index = {"_class_name": "StableDiffusionInstructPix2PixPipeline", "_diffusers_version": "0.42.0"}
    index |= {part: ["diffusers", kind] for part, kind in parts.items()} | {"text_encoder": ["transformers", "CLIPTextModel"]}
    index |= {"tokenizer": ["transformers", "CLIPTokenizer"], "safety_checker": [None, None], "requires_safety_checker": False}
    (folder / "model_index.json").write_text(json.dumps(index | {"feature_extractor": [None, None], "image_encoder": [None, None]}, indent=2))


@torch.no_grad()
def reference(folder, variant, timed):
    kwargs = dict(variant=variant, dtype=torch.float32)
    generator = seeded(17)
    out = {}

    text = CLIPTextModel.from_pretrained(folder / "text_encoder", **kwargs)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    out["text.ids"] = tokenize(tokenizer, ["turn the dog into a cat, please", ""])
    out["text.last_hidden_state"] = text(out["text.ids"]).last_hidden_state
    del text

    vae = AutoencoderKL.from_pretrained(folder / "vae", **kwargs)
    coarse = torch.randn(1, 3, 32, 32, generator=generator)
    out["vae.picture"] = torch.nn.functional.interpolate(coarse, (256, 256), mode="bilinear").clamp(-1, 1)
    out["vae.mean"] = vae.encode(out["vae.picture"]).latent_dist.mode()
    out["vae.latents"] = torch.randn(1, 4, 32, 32, generator=generator)
    out["vae.decoded"] = vae.decode(out["vae.latents"]).sample
    del vae

    unet = UNet2DConditionModel.from_pretrained(folder / "unet", **kwargs)
    out["unet.sample"] = torch.randn(1, 8, 64, 64, generator=generator)
    out["unet.timestep"] = torch.tensor([651.3])
    out["unet.context"] = out["text.last_hidden_state"][:1]
    row = lambda: unet(out["unet.sample"], 651.3, encoder_hidden_states=out["unet.context"]).sample
    out["unet.output"] = row()
    plain = {key: (v.float() if v.is_floating_point() else v.int()).contiguous().clone() for key, v in out.items()}
    save_sorted(plain, folder / "reference.safetensors", {"timestep": "651.3"})
    for key, value in out.items():
        print(f"{key:24} {str(tuple(value.shape)):18} std {value.float().std() if value.numel() > 1 else 0:.3f} max {value.abs().max():.2f}")
    if timed:
        torch.set_num_threads(2)
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            row()
            seconds.append(time.perf_counter() - begun)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        result = dict(unet_row_seconds=min(seconds), all=seconds, threads=2, latents=[64, 64], peak_bytes=peak, torch=torch.__version__)
        (folder / "time.json").write_text(json.dumps(result, indent=1) + "\n")
        print(result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=["fp32", "fp16"], default="fp32")
    parser.add_argument("--init", choices=["drawn", "torch"], default="drawn")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if not (asked.folder / "model_index.json").exists():
        write_checkpoint(asked.folder, torch.float16 if asked.dtype == "fp16" else torch.float32, asked.init)
        print(f"{asked.folder} written", flush=True)
    fp16 = (asked.folder / "unet" / "diffusion_pytorch_model.fp16.safetensors").exists()
    reference(asked.folder, "fp16" if fp16 else None, asked.time)


main()
