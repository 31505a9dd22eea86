//! Weights: named tensors from safetensors shards, checked by name and shape as models take them.
