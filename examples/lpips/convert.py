"""Writes the weights of LPIPS-AlexNet v0.1 as one safetensors file, for `instructbrush bench --lpips FILE`.

    pip install lpips safetensors
    python examples/lpips/convert.py lpips_alex.safetensors

The lpips package brings the heads; torchvision downloads AlexNet's weights. Names and shapes in the file, all F32:
`features.{0,3,6,8,10}.weight` `[c_out, c_in, k, k]` and `.bias` `[c_out]`, `lin{0..4}.weight` `[1, c, 1, 1]`.
"""

import sys

import lpips
from safetensors.torch import save_file

if len(sys.argv) != 2 or not sys.argv[1].endswith(".safetensors"):
    sys.exit("give the file to write: python convert.py lpips_alex.safetensors")
net = lpips.LPIPS(net="alex", version="0.1", verbose=False)
# The package numbers AlexNet's layers as torchvision does, within slices: slice2.3.weight is features.3.weight.
tensors = {f"features.{name.split('.', 1)[1]}": tensor for name, tensor in net.net.state_dict().items()}
tensors |= {f"lin{k}.weight": head.model[-1].weight for k, head in enumerate(net.lins)}
save_file({name: tensor.detach().float().contiguous() for name, tensor in tensors.items()}, sys.argv[1])
print(f"{sys.argv[1]}: {len(tensors)} tensors")
