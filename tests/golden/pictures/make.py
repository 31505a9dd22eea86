"""Makes what tests/it/pictures.rs compares with: pictures resized by PIL, CLIP's preprocessing, a CMYK JPEG.

    python tests/golden/pictures/make.py        (numpy, pillow, safetensors, transformers)
"""
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from safetensors.numpy import save_file
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

here = Path(__file__).parent
noise = np.random.default_rng(0).integers(0, 256, (47, 61, 3), dtype=np.uint8)
noise[:24] = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(3)))[:24]
picture = Image.fromarray(noise)


def resized(width, height, how):
    return np.asarray(picture.resize((width, height), how))


def clip(picture, side):
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return processor(picture, return_tensors="np")["pixel_values"][0]


save_file(
    {
        "picture": noise,
        "lanczos.down": resized(20, 31, Image.Resampling.LANCZOS),
        "lanczos.up": resized(64, 64, Image.Resampling.LANCZOS),
        "lanczos.across": resized(13, 47, Image.Resampling.LANCZOS),
        "bicubic.down": resized(7, 5, Image.Resampling.BICUBIC),
        "bicubic.up": resized(70, 90, Image.Resampling.BICUBIC),
        "clip.landscape": clip(picture, 32),
        "clip.portrait": clip(picture.transpose(Image.Transpose.ROTATE_90), 20),
        "clip.up": clip(picture.crop((0, 0, 9, 14)), 24),
    },
    here / "resized.safetensors",
)
stripes = Image.new("CMYK", (24, 16), (0, 200, 200, 20))
stripes.paste((200, 0, 0, 60), (8, 0, 16, 16))
stripes.paste((10, 20, 200, 0), (16, 0, 24, 16))
stripes.save(here / "cmyk.jpg", quality=95)
