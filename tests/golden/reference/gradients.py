"""Gradients: the loss of the inversion and its derivative with respect to the learned rows of K and V, by autograd.

gradients_{demo,small_a,small_b}.safetensors; text = metadata "text", m = its words, rows 1..=m of the context are learned.
Layers l count in forward order (down, mid, up). All batch 1.
  context, null                          [1, tokens, width]: what the text encoder makes of the text and of ""
  full_key.{l}, full_value.{l}           [1, tokens, d]: to_k(context), to_v(context)
  null_key.{l}, null_value.{l}           [1, tokens, d]
  key.{l}, value.{l}                     [m, d]: the learned rows, here full_key[1..=m] plus a little noise
  {case}.z_y, .image_latents, .eps, .t, .alpha_cumprod, .z_t      z_t = sqrt(a) z_y + sqrt(1 - a) eps; z_y is already scaled
  {case}.eps_instruction, .eps_image, .eps_neither, .eps_guided   UNet outputs and their combination
  {case}.loss                            mean((eps - eps_guided)²)
  {case}.dkey.{l}, {case}.dvalue.{l}     [m, d]
  {case}.dcontext                        [m, width]: the same loss when rows 1..=m of the context are learned instead,
                                         starting at the context itself; {case}.context_loss its loss
case "low": guidance_scale 1.5, image_guidance_scale 1.0, t = 437; "high": 7.5, 1.5, t = 905.
  adam.loss.{0,1,2}, adam.key.{l}, adam.value.{l}   only demo: three steps of AdamW (lr 0.03, betas 0.9/0.999, eps 1e-8,
                                         no weight decay) on case "low", from key.{l}, value.{l}; loss before each step
"""

import numpy as np
import torch
from diffusers import DDPMScheduler
from PIL import Image

from .common import CHECKPOINTS, SAMPLES, seeded, write_tensors
from .models import load, tokenize

CASES = {"low": (1.5, 1.0, 437), "high": (7.5, 1.5, 905)}
TEXTS = {"demo": "turn the dog into a cat", "small_a": "make the dog blue", "small_b": "turn it into a painting"}


class Given:
    """An attention processor that listens to a given K and V, or to the projections of the context where none is given."""

    def __init__(self):
        self.key = self.value = None

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        key = attn.to_k(context) if self.key is None else self.key
        value = attn.to_v(context) if self.value is None else self.value
        # [b, n, heads * d_head] -> [b, heads, n, d_head]
        q, k, v = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (attn.to_q(hidden_states), key, value))
        weights = (q @ k.transpose(-1, -2) * attn.scale).softmax(-1)
        return attn.to_out[0]((weights @ v).transpose(1, 2).flatten(2))


def cross_attentions(unet):
    """Every attn2 in forward order: down, mid, up."""
    blocks = [*unet.down_blocks, unet.mid_block, *unet.up_blocks]
    return [t.attn2 for b in blocks for a in getattr(b, "attentions", []) for t in a.transformer_blocks]


class Problem:
    """One draw of the inversion: what is fixed, and the loss as a function of what is learned."""

    def __init__(self, unet, z_y, image_latents, eps, t, alphas_cumprod, scales, context, null):
        self.unet, self.layers, self.eps, self.t, self.scales = unet, cross_attentions(unet), eps, t, scales
        self.context = context
        a = alphas_cumprod[t]
        self.z_t = a.sqrt() * z_y + (1 - a).sqrt() * eps
        self.image_latents = image_latents
        with torch.no_grad():
            self.eps_image = self.predict(image_latents, null)
            self.eps_neither = self.predict(torch.zeros_like(image_latents), null)

    def predict(self, image_latents, context, given=None):
        for layer, attn in enumerate(self.layers):
            attn.processor.key, attn.processor.value = given[layer] if given else (None, None)
        return self.unet(torch.cat([self.z_t, image_latents], 1), self.t, encoder_hidden_states=context).sample

    def loss(self, context, given=None):
        s_t, s_i = self.scales
        instruction = self.predict(self.image_latents, context, given)
        guided = self.eps_neither + s_i * (self.eps_image - self.eps_neither) + s_t * (instruction - self.eps_image)
        return ((self.eps - guided) ** 2).mean(), instruction, guided


def with_rows(full, rows):
    """Rows 1..=m of [1, tokens, d] replaced."""
    m = rows.shape[0]
    return torch.cat([full[:, :1], rows[None], full[:, 1 + m :]], 1)


def exemplar(name, vae, generator):
    """z_y (scaled) and image latents: a real pair for the demo model, noise for the others."""
    side = 8
    if name != "demo":
        z_y = torch.randn(1, 4, side, side, generator=generator)
        return z_y, 2 * torch.randn(1, 4, side, side, generator=generator)
    latents = []
    for i in (1, 0):
        pixels = torch.as_tensor(np.array(Image.open(SAMPLES / "dog2cat" / f"0_{i}.png").convert("RGB")))
        latents.append(vae.encode((pixels.permute(2, 0, 1)[None] / 127.5 - 1)).latent_dist.mode())
    return latents[0] * vae.config.scaling_factor, latents[1]


def leaves(start):
    return [(k.clone().requires_grad_(), v.clone().requires_grad_()) for k, v in start]


def fill(full, rows):
    return [(with_rows(fk, k), with_rows(fv, v)) for (fk, fv), (k, v) in zip(full, rows)]


def make_one(name, seed):
    unet, vae, text, _, tokenizer = load(name)
    alphas_cumprod = DDPMScheduler.from_pretrained(CHECKPOINTS[name] / "scheduler").alphas_cumprod
    generator = seeded(seed)
    words = TEXTS[name]
    m = len(tokenizer(words, add_special_tokens=False).input_ids)
    with torch.no_grad():
        context, null = (text(tokenize(tokenizer, [w])).last_hidden_state for w in (words, ""))
        z_y, image_latents = exemplar(name, vae, generator)
        full = [(a.to_k(context), a.to_v(context)) for a in cross_attentions(unet)]
        empty = [(a.to_k(null), a.to_v(null)) for a in cross_attentions(unet)]
        start = [tuple(x[0, 1 : 1 + m] + 0.1 * torch.randn(m, x.shape[-1], generator=generator) for x in kv) for kv in full]
    for attn in cross_attentions(unet):
        attn.set_processor(Given())
    out = {"context": context, "null": null}
    for l in range(len(full)):
        for side, word in enumerate(("key", "value")):
            out |= {f"full_{word}.{l}": full[l][side], f"null_{word}.{l}": empty[l][side], f"{word}.{l}": start[l][side]}
    for case, (s_t, s_i, t) in CASES.items():
        eps = torch.randn(z_y.shape, generator=generator)
        problem = Problem(unet, z_y, image_latents, eps, t, alphas_cumprod, (s_t, s_i), context, null)
        learned = leaves(start)
        loss, instruction, guided = problem.loss(context, fill(full, learned))
        loss.backward()
        rows = context[0, 1 : 1 + m].clone().requires_grad_()
        context_loss = problem.loss(with_rows(context, rows))[0]
        context_loss.backward()
        values = {"z_y": z_y, "image_latents": image_latents, "eps": eps, "t": torch.tensor([t]), "z_t": problem.z_t}
        values |= {"alpha_cumprod": alphas_cumprod[t].reshape(1), "loss": loss.reshape(1), "eps_guided": guided}
        values |= {"eps_instruction": instruction, "eps_image": problem.eps_image, "eps_neither": problem.eps_neither}
        values |= {"dcontext": rows.grad, "context_loss": context_loss.reshape(1)}
        for l, (k, v) in enumerate(learned):
            values |= {f"dkey.{l}": k.grad, f"dvalue.{l}": v.grad}
        out |= {f"{case}.{key}": value for key, value in values.items()}
        if name == "demo" and case == "low":
            learned = leaves(start)
            optimizer = torch.optim.AdamW([x for kv in learned for x in kv], lr=0.03, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
            for step in range(3):
                optimizer.zero_grad()
                loss = problem.loss(context, fill(full, learned))[0]
                loss.backward()
                optimizer.step()
                out[f"adam.loss.{step}"] = loss.reshape(1)
            for l, (k, v) in enumerate(learned):
                out |= {f"adam.key.{l}": k, f"adam.value.{l}": v}
    about = {"text": words, "tokens": m, "layers": len(full), "cases": {c: dict(zip(("guidance_scale", "image_guidance_scale", "t"), v)) for c, v in CASES.items()}}
    write_tensors(f"gradients_{name}", out, about)


def make():
    for i, name in enumerate(CHECKPOINTS):
        make_one(name, 5000 + i)
