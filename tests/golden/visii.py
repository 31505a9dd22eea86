"""Records Visii's loss and its gradient by PyTorch's autograd, on the case "low" of gradients_demo.safetensors.

    python tests/golden/visii.py      # torch, transformers, safetensors, pillow, numpy

Writes beside itself visii.safetensors. Per case: `{case}.before`, `{case}.after` CLIP's image features as projected,
`{case}.loss`, `{case}.gradient` (of the learned rows), `{case}.term`
(the gradient that CLIP's term alone gives the whole context). Case `pairs`: tests/golden/pairs/dog2cat with the demo model's CLIP; case
`near`: a direction so near to the text's that the cosine is cut off at ½. The part of ‖ε − ε̃‖² is what gradients_demo holds.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import CLIPModel

HERE = Path(__file__).parent
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

torch.set_num_threads(1)
clip = CLIPModel.from_pretrained(HERE / "demo/clip").eval().requires_grad_(False)


def features(side):
    pictures = [Image.open(HERE / f"pairs/dog2cat/{i}_{side}.png").convert("RGB") for i in range(10)]
    pixels = np.stack([np.asarray(picture, np.float32) / 255 for picture in pictures])
    pixels = torch.from_numpy((pixels - np.float32(MEAN)) / np.float32(STD)).permute(0, 3, 1, 2)
    return clip.get_image_features(pixel_values=pixels).pooler_output


def visii(context, before, after):
    """The term of CLIP, as in visii.py of the authors' repository (train, text_projection2)."""
    change = after.mean(0) - before.mean(0)
    change = change / change.norm()
    seen = clip.text_projection(context[0].mean(0))
    cosine = torch.nn.functional.cosine_similarity(change, seen, dim=0)
    return torch.clamp(cosine, min=-1, max=0.5), cosine


golden = safe_open(HERE / "gradients_demo.safetensors", "pt")
context = golden.get_tensor("context").reshape(1, -1, golden.get_tensor("context").shape[-1])
m = golden.get_tensor("key.0").shape[0]
start = clip.text_projection(context[0].mean(0))
noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(0)) * start.std() * 0.3
cases = {"pairs": (features(0), features(1)), "near": (torch.zeros(1, len(start)), (start + noise)[None])}
tensors = {}
for name, (before, after) in cases.items():
    context.requires_grad_(True).grad = None
    term, cosine = visii(context, before, after)
    (-0.1 * term).backward()
    tensors[f"{name}.term"] = context.grad.clone()
    gradient = 4 * golden.get_tensor("low.dcontext").reshape(m, -1) + context.grad[0, 1 : 1 + m]
    loss = 4 * golden.get_tensor("low.context_loss").reshape(1) - 0.1 * term.detach()
    tensors |= {f"{name}.before": before, f"{name}.after": after, f"{name}.loss": loss, f"{name}.gradient": gradient}
    print(name, float(cosine.detach()), loss, float(context.grad.norm()))
save_file({key: value.contiguous() for key, value in tensors.items()}, HERE / "visii.safetensors")
