"""Records what transformers' CLIP finds in the ten samples with the demo model (method.md section 3).

    python tests/golden/phrases.py      # torch, transformers, tokenizers, safetensors, pillow, numpy

Writes beside itself phrases.json (captions, sensitivities, starts) and phrases.safetensors (features). Conventions:
pictures are 128 px, so nothing is resized; pixels in [0, 1], less CLIP's mean, over CLIP's standard deviation; a set's
feature is the renormalised mean of its ten normalised image features; texts go through tokenizer/tokenizer.json and
are padded with EOS, the feature is at the first EOS; captions are joined by " and ", five phrases, every phrase a
candidate; the unique phrase is the one with the greatest s / D(p, own) if that is above 0.15.

phrases.json, per effect: `clip` is the real thing; `bag` is the same search where a caption's feature is not CLIP's
but the normalised sum of its phrases' features over their rank (joined by " | ", no context to overflow), so that the
search can be checked without a model; `direct` searches the whole vocabulary.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from transformers import CLIPModel

HERE = Path(__file__).parent
MODEL, SAMPLES = HERE / "demo", HERE / "pairs"
EFFECTS = "midnight purple pencil dog2cat hair_blonde teal lava sepia snow watercolor".split()
SEPARATOR, THRESHOLD, CAPTION_PHRASES, CONTEXT, EOS = " and ", 0.15, 5, 32, 1
BAG_SEPARATOR = " | "  # " and " is also inside "a black and white photo"
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

torch.set_num_threads(1)
clip = CLIPModel.from_pretrained(MODEL / "clip").eval()
tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer/tokenizer.json"))
vocabulary = json.loads((MODEL / "phrases.json").read_text())


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


@torch.no_grad()
def encode_set(paths):
    pixels = np.stack([np.asarray(Image.open(p).convert("RGB"), np.float32) / 255 for p in paths])
    pixels = torch.from_numpy((pixels - np.float32(MEAN)) / np.float32(STD)).permute(0, 3, 1, 2)
    features = unit(clip.get_image_features(pixel_values=pixels).pooler_output)
    return features, unit(features.mean(0))


@torch.no_grad()
def encode_texts(texts):
    rows = []
    for i in range(0, len(texts), 256):
        ids = [tokenizer.encode(t).ids for t in texts[i : i + 256]]
        longest = max(map(len, ids))
        ids = torch.tensor([row + [EOS] * (longest - len(row)) for row in ids])
        rows.append(unit(clip.get_text_features(input_ids=ids).pooler_output))
    return torch.cat(rows)


def encode_bags(texts):
    index = {phrase: i for i, phrase in enumerate(vocabulary)}
    bags = [[index[p] for p in text.split(BAG_SEPARATOR)] for text in texts]
    return unit(torch.stack([sum(features[i] / (rank + 1) for rank, i in enumerate(bag)) for bag in bags]))


def fits(text):
    return len(tokenizer.encode(text).ids) <= CONTEXT


def caption(feature, encode, separator, fits):
    chosen, text = [], ""
    for _ in range(CAPTION_PHRASES):
        left = [p for p in vocabulary if p not in chosen]
        texts = {p: text + separator + p if text else p for p in left}
        left = [p for p in left if fits(texts[p])]
        if not left:
            break
        best = left[int((encode([texts[p] for p in left]) @ feature).argmax())]
        chosen.append(best)
        text = texts[best]
    return chosen


def sensitivities(phrases, own, other):
    rows = features[[vocabulary.index(p) for p in phrases]].double()
    own, other = rows @ own.double(), rows @ other.double()
    relative = torch.where(own > 0, (own - other) / own, 0.0)
    columns = zip(phrases, own.tolist(), other.tolist(), (own - other).tolist(), relative.tolist())
    return [dict(zip(("phrase", "own", "other", "absolute", "relative"), column)) for column in columns]


def word(x, y):
    if x and y:
        return f"turn {x} into {y}"
    return f"turn it into {y}" if y else f"remove {x}" if x else ""


def search(before, after, *how):
    """The captions of both sets; then, per mode, the unique phrases and the instruction."""
    found = {
        "before": sensitivities(caption(before, *how), before, after),
        "after": sensitivities(caption(after, *how), after, before),
    }
    for mode in ("relative", "absolute"):
        best = [max(found[side], key=lambda s: s[mode]) for side in ("before", "after")]
        unique = [s["phrase"] if s[mode] > THRESHOLD else None for s in best]
        found[mode] = {"unique_before": unique[0], "unique_after": unique[1], "instruction": word(*unique)}
    return found


def search_directly(before, after):
    unique = []
    for own, other in ((before, after), (after, before)):
        passing = [s for s in sensitivities(vocabulary, own, other) if s["relative"] > THRESHOLD]
        unique.append(max(passing, key=lambda s: s["absolute"])["phrase"] if passing else None)
    return {"unique_before": unique[0], "unique_after": unique[1], "instruction": word(*unique)}


features = encode_texts(vocabulary)
tensors = {"vocabulary": features}
report = {"separator": SEPARATOR, "threshold": THRESHOLD, "caption_phrases": CAPTION_PHRASES, "effects": {}}
for effect in EFFECTS:
    (before_rows, before), (after_rows, after) = (
        encode_set([SAMPLES / effect / f"{i}_{side}.png" for i in range(10)]) for side in (0, 1)
    )
    tensors |= {f"{effect}.before": before, f"{effect}.after": after}
    if effect == "midnight":
        tensors |= {"midnight.before.pictures": before_rows, "midnight.after.pictures": after_rows}
    report["effects"][effect] = {
        "clip": search(before, after, encode_texts, SEPARATOR, fits),
        "bag": search(before, after, encode_bags, BAG_SEPARATOR, lambda text: True),
        "direct": search_directly(before, after),
    }
    for name, found in report["effects"][effect].items():
        print(f"{effect:12} {name:7}", found.get("relative", found)["instruction"])
save_file({name: t.numpy().copy() for name, t in tensors.items()}, HERE / "phrases.safetensors")
(HERE / "phrases.json").write_text(json.dumps(report, indent=1) + "\n")
