"""Writes the golden files beside this script, from PyTorch, diffusers and transformers; the Rust tests read them.

    python tests/golden/make.py [numbers] [checkpoints] [models] [gradients] [edits] [instructions]

Without a part, all are made, in this order. One thread and fixed seeds: the same machine writes the same bytes.

requirements: torch==2.15.* (CPU) diffusers==0.42.* transformers==5.23.* tokenizers==0.23.* safetensors numpy pillow
"""

import importlib
import sys

import torch

PARTS = ["numbers", "checkpoints", "models", "gradients", "edits", "instructions"]


def main():
    asked = sys.argv[1:] or PARTS
    unknown = [part for part in asked if part not in PARTS]
    if unknown:
        sys.exit(f"no part named {', '.join(unknown)}; there are {', '.join(PARTS)}")
    torch.set_num_threads(1)
    for part in PARTS:
        if part in asked:
            print(part, flush=True)
            importlib.import_module(f"reference.{part}").make()


main()
