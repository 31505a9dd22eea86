//! Cross-attention as "project, then listen": the seam at which a text prompt and a learned instruction are the same.
use crate::models::layers::{Conv2d, GroupNorm, LayerNorm, Linear};
use crate::models::weights::Weights;
use crate::tensor::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// Numbers of the widest tensor of a feed-forward at a time: 32 MB of f32.
pub(super) const FED_AT_ONCE: usize = 8 << 20;

/// What one cross-attention layer listens to.
#[derive(Clone, Debug)]
pub struct KeyValue {
    /// `[batch, tokens, heads · d_head]`.
    pub key: Tensor<3>,
    /// `[batch, tokens, heads · d_head]`.
    pub value: Tensor<3>,
}

impl KeyValue {
    /// One row's for each of `rows` rows.
    pub fn repeat(&self, rows: usize) -> Self {
        Self { key: self.key.clone().repeat_dim(0, rows), value: self.value.clone().repeat_dim(0, rows) }
    }
}

/// Attention(Q, K, V) = softmax(Q·Kᵀ/√d)·V (Vaswani et al. 2017), with heads.
#[derive(Module, Debug)]
pub struct CrossAttention {
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Linear,
    heads: usize,
}

impl CrossAttention {
    /// Takes `to_q`, `to_k`, `to_v` (no bias) and `to_out.0`.
    pub fn take(w: &mut Weights, name: &str, width: usize, d_context: usize, heads: usize) -> Self {
        Self {
            to_q: Linear::take(w, &format!("{name}.to_q"), width, width, false),
            to_k: Linear::take(w, &format!("{name}.to_k"), d_context, width, false),
            to_v: Linear::take(w, &format!("{name}.to_v"), d_context, width, false),
            to_out: Linear::take(w, &format!("{name}.to_out.0"), width, width, true),
            heads,
        }
    }

    /// K = W_K·e, V = W_V·e.
    ///
    /// # Shapes
    /// context `[b, tokens, d_context]` → K and V `[b, tokens, width]`
    pub fn project(&self, context: Tensor<3>) -> KeyValue {
        KeyValue { key: self.to_k.forward(context.clone()), value: self.to_v.forward(context) }
    }

    /// # Shapes
    /// x `[b, n, width]` → the same
    pub fn forward(&self, x: Tensor<3>, heard: &KeyValue) -> Tensor<3> {
        let query = self.to_q.forward(x);
        self.to_out.forward(ops::attention(query, heard.key.clone(), heard.value.clone(), self.heads, false))
    }

    /// heads · d_head.
    pub fn width(&self) -> usize {
        self.to_k.dims()[1]
    }
}

/// Self-attention, cross-attention and a gated feed-forward, each with its norm and a residual.
#[derive(Module, Debug)]
struct TransformerBlock {
    norm1: LayerNorm,
    attn1: CrossAttention,
    norm2: LayerNorm,
    attn2: CrossAttention,
    norm3: LayerNorm,
    ff_in: Linear,
    ff_out: Linear,
}

impl TransformerBlock {
    fn take(w: &mut Weights, name: &str, width: usize, d_context: usize, heads: usize) -> Self {
        const EPS: f64 = 1e-5; // diffusers' BasicTransformerBlock has it fixed
        Self {
            norm1: LayerNorm::take(w, &format!("{name}.norm1"), width, EPS),
            attn1: CrossAttention::take(w, &format!("{name}.attn1"), width, width, heads),
            norm2: LayerNorm::take(w, &format!("{name}.norm2"), width, EPS),
            attn2: CrossAttention::take(w, &format!("{name}.attn2"), width, d_context, heads),
            norm3: LayerNorm::take(w, &format!("{name}.norm3"), width, EPS),
            ff_in: Linear::take(w, &format!("{name}.ff.net.0.proj"), width, 8 * width, true),
            ff_out: Linear::take(w, &format!("{name}.ff.net.2"), 4 * width, width, true),
        }
    }

    /// # Shapes
    /// `[b, n, width]` → the same
    fn forward(&self, x: Tensor<3>, heard: &KeyValue) -> Tensor<3> {
        let normed = self.norm1.forward(x.clone());
        let own = self.attn1.project(normed.clone());
        let x = x + self.attn1.forward(normed, &own);
        let x = x.clone() + self.attn2.forward(self.norm2.forward(x), heard);
        let normed = self.norm3.forward(x.clone());
        x + self.feed_forward(normed)
    }

    /// Each token by itself, and so in bands of tokens: what is in between is eight times as wide.
    fn feed_forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [b, n, width] = x.dims();
        let tokens = x.reshape([1, b * n, width]);
        let bands = tokens.split((FED_AT_ONCE / (8 * width)).max(1), 1).into_iter().map(|x| {
            // GEGLU (Shazeer 2020): a·gelu(b)
            let gated = ops::geglu(self.ff_in.forward(x)); // [1, .., 8·width] → [1, .., 4·width]
            self.ff_out.forward(gated)
        });
        let mut bands: Vec<Tensor<3>> = bands.collect();
        let fed = if bands.len() == 1 { bands.remove(0) } else { Tensor::cat(bands, 1) };
        fed.reshape([b, n, width])
    }
}

/// Either projection of a spatial transformer: 1×1 convolutions or linear layers (`use_linear_projection`).
#[derive(Module, Debug)]
enum Projection {
    Conv(Conv2d),
    Linear(Linear),
}

impl Projection {
    fn take(w: &mut Weights, name: &str, width: usize, linear: bool) -> Self {
        match linear {
            true => Self::Linear(Linear::take(w, name, width, width, true)),
            false => Self::Conv(Conv2d::take(w, name, width, width, 1)),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Linear(linear) => linear.forward(x),
            Self::Conv(conv) => conv.forward_pixels(x),
        }
    }
}

/// Transformer over the pixels of a feature map (diffusers' `Transformer2DModel`).
#[derive(Module, Debug)]
pub struct SpatialTransformer {
    norm: GroupNorm,
    proj_in: Projection,
    transformer_blocks: Vec<TransformerBlock>,
    proj_out: Projection,
}

/// The sizes of one spatial transformer.
#[derive(Clone, Copy, Debug)]
pub struct TransformerShape {
    /// Channels of the feature map.
    pub width: usize,
    /// Width of the context.
    pub d_context: usize,
    /// Number of heads.
    pub heads: usize,
    /// Number of transformer blocks.
    pub n_blocks: usize,
    /// Groups of the first norm.
    pub groups: usize,
    /// Linear instead of 1×1 convolutions.
    pub linear: bool,
}

impl SpatialTransformer {
    /// Takes all tensors under `name`.
    pub fn take(w: &mut Weights, name: &str, shape: TransformerShape) -> Self {
        let TransformerShape { width, d_context, heads, n_blocks, groups, linear } = shape;
        let block = |w: &mut Weights, block_idx: usize| {
            TransformerBlock::take(w, &format!("{name}.transformer_blocks.{block_idx}"), width, d_context, heads)
        };
        Self {
            norm: GroupNorm::take(w, &format!("{name}.norm"), width, groups, 1e-6), // fixed in diffusers
            proj_in: Projection::take(w, &format!("{name}.proj_in"), width, linear),
            transformer_blocks: (0..n_blocks).map(|block_idx| block(w, block_idx)).collect(),
            proj_out: Projection::take(w, &format!("{name}.proj_out"), width, linear),
        }
    }

    /// # Shapes
    /// x `[b, c, h, w]` → the same; takes one `KeyValue` per transformer block from `layers`
    pub fn forward(&self, x: Tensor<4>, layers: &mut impl Iterator<Item = KeyValue>) -> Tensor<4> {
        let [b, c, h, w] = x.dims();
        let pixels = self.norm.forward(x.clone()).reshape([b, c, h * w]).swap_dims(1, 2); // [b, h·w, c]
        let mut pixels = self.proj_in.forward(pixels);
        for block in &self.transformer_blocks {
            let heard = layers.next().unwrap_or_else(|| panic!("fewer KeyValues than cross-attention layers"));
            pixels = block.forward(pixels, &heard);
        }
        let pixels = self.proj_out.forward(pixels);
        x + pixels.swap_dims(1, 2).reshape([b, c, h, w])
    }

    /// Heads of its layers.
    pub fn heads(&self) -> usize {
        self.cross_attentions().next().map_or(1, |layer| layer.heads)
    }

    /// Its cross-attention layers, in forward order.
    pub fn cross_attentions(&self) -> impl Iterator<Item = &CrossAttention> {
        self.transformer_blocks.iter().map(|block| &block.attn2)
    }
}
