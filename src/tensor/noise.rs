//! Noise: PyTorch's CPU generator, draw for draw.
