"""Numbers: PyTorch's CPU noise, the schedules, and three samplers on a denoiser with a formula.

numbers.safetensors:
  noise.{seed}.{n}               randn(n) of a fresh generator
  noise.twice.{a}.{b}.{0|1}      two draws in a row from one generator (seed 7): randn(a), then randn(b)
  noise.thrice.{i}               3 draws of randn(1, 4, 16, 16) in a row, seed 11
  alphas_cumprod                 [1000]
  schedule.{steps}.timesteps     [steps], schedule.{steps}.sigmas [steps + 1], schedule.{steps}.init_noise_sigma [1]
  euler_schedule.{steps}.…       the same of EulerDiscreteScheduler
  leading|trailing.{steps}.…     the same as schedule, with that timestep_spacing
  sampler.{name}.initial|final   latents before the first and after the last of 7 steps, seed 3,
                                 with eps = 0.3 x / sqrt(sigma² + 1) + 0.1; name is euler_ancestral or euler
  sampler.{name}.step.{i}        latents after step i
  sampler.lcm.…                  the same of LCMScheduler, at sampler.lcm.timesteps
"""

import torch
from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, LCMScheduler

from .common import DEMO, seeded, write_tensors

SEEDS = [0, 7, 12345, 2**40 + 3]
STEPS = [1, 2, 5, 7, 20, 50, 100]
LCM_TIMESTEPS = [999, 856, 713, 570, 427, 285, 142]
COUNTS = [1, 5, 15, 16, 17, 100, 1024, 4096 + 5]


def noise():
    tensors = {f"noise.{seed}.{n}": torch.randn(n, generator=seeded(seed)) for seed in SEEDS for n in COUNTS}
    for a, b in [(1024, 1024), (5, 20), (17, 3), (1, 1)]:
        generator = seeded(7)
        for i, n in enumerate((a, b)):
            tensors[f"noise.twice.{a}.{b}.{i}"] = torch.randn(n, generator=generator)
    generator = seeded(11)
    for i in range(3):
        tensors[f"noise.thrice.{i}"] = torch.randn(1, 4, 16, 16, generator=generator)
    return tensors


def schedules():
    ancestral = EulerAncestralDiscreteScheduler.from_pretrained(DEMO / "scheduler")
    euler = EulerDiscreteScheduler.from_config(ancestral.config)
    tensors = {"alphas_cumprod": ancestral.alphas_cumprod}
    spaced = lambda spacing: EulerAncestralDiscreteScheduler.from_config(ancestral.config, timestep_spacing=spacing)
    schedulers = {"schedule": ancestral, "euler_schedule": euler, "leading": spaced("leading"), "trailing": spaced("trailing")}
    for prefix, scheduler in schedulers.items():
        for steps in STEPS:
            scheduler.set_timesteps(steps)
            tensors[f"{prefix}.{steps}.timesteps"] = scheduler.timesteps
            tensors[f"{prefix}.{steps}.sigmas"] = scheduler.sigmas
            tensors[f"{prefix}.{steps}.init_noise_sigma"] = torch.as_tensor(scheduler.init_noise_sigma).reshape(1)
    return tensors


def samplers():
    tensors = {}
    kinds = {"euler_ancestral": EulerAncestralDiscreteScheduler, "euler": EulerDiscreteScheduler}
    for name, kind in kinds.items():
        scheduler = kind.from_pretrained(DEMO / "scheduler")
        scheduler.set_timesteps(7)
        generator = seeded(3)
        x = torch.randn(1, 4, 8, 8, generator=generator) * scheduler.init_noise_sigma
        tensors[f"sampler.{name}.initial"] = x
        for i, t in enumerate(scheduler.timesteps):
            eps = 0.3 * scheduler.scale_model_input(x, t) + 0.1
            x = scheduler.step(eps, t, x, generator=generator).prev_sample
            tensors[f"sampler.{name}.step.{i}"] = x
        tensors[f"sampler.{name}.final"] = x
    return tensors


def consistency():
    """LCMScheduler speaks of x·sqrt(alpha), not of x: its latents are divided by it. t = 0 is left out, where it returns its input."""
    scheduler = LCMScheduler.from_config(EulerAncestralDiscreteScheduler.from_pretrained(DEMO / "scheduler").config)
    scheduler.set_timesteps(timesteps=LCM_TIMESTEPS, original_inference_steps=1000)
    generator = seeded(3)
    root = lambda t: scheduler.alphas_cumprod[t] ** 0.5
    sigma = lambda t: ((1 - scheduler.alphas_cumprod[t]) / scheduler.alphas_cumprod[t]) ** 0.5
    x = torch.randn(1, 4, 8, 8, generator=generator) * sigma(LCM_TIMESTEPS[0])
    tensors = {"sampler.lcm.initial": x, "sampler.lcm.timesteps": torch.tensor(LCM_TIMESTEPS, dtype=torch.float32)}
    for i, t in enumerate(scheduler.timesteps):
        eps = 0.3 * x * root(t) + 0.1
        latents = scheduler.step(eps, t, x * root(t), generator=generator).prev_sample
        last = i + 1 == len(LCM_TIMESTEPS)
        x = latents if last else latents / root(LCM_TIMESTEPS[i + 1])
        tensors[f"sampler.lcm.step.{i}"] = x
    tensors["sampler.lcm.final"] = x
    return tensors


def make():
    tensors = noise() | schedules() | samplers() | consistency()
    write_tensors("numbers", tensors, {"seeds": SEEDS, "counts": COUNTS})
