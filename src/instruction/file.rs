//! The instruction file: one `.safetensors` with K and V per segment and layer, everything else in its header.
