//! The UNet's down, mid and up blocks, with or without attention (diffusers' `*Block2D`).
use super::attention::{CrossAttention, KeyValue, SpatialTransformer, TransformerShape};
use super::recompute::{Piece, layers};
use crate::models::resnet::{Downsample, ResnetBlock, ResnetShape, Upsample};
use crate::models::weights::Weights;
use crate::tensor::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// What a block needs to know to take its weights.
#[derive(Clone, Copy, Debug)]
pub struct BlockShape {
    /// Residual blocks' shape.
    pub resnet: ResnetShape,
    /// `None`: a block without attention.
    pub transformer: Option<TransformerShape>,
    /// Residual blocks in it.
    pub n_layers: usize,
    /// Whether it ends with a change of size.
    pub resample: bool,
}

/// `CrossAttnDownBlock2D` or `DownBlock2D`: residual blocks, each followed by a transformer, then a downsampler.
#[derive(Module, Debug)]
pub struct DownBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<SpatialTransformer>,
    downsampler: Option<Downsample>,
}

impl DownBlock {
    /// Takes all tensors under `name`.
    pub fn take(
        w: &mut Weights,
        name: &str,
        c_in: usize,
        c_out: usize,
        downsample_padding: usize,
        shape: BlockShape,
    ) -> Self {
        let (mut resnets, mut attentions) = (Vec::new(), Vec::new());
        for layer_idx in 0..shape.n_layers {
            let c_in = if layer_idx == 0 { c_in } else { c_out };
            resnets.push(ResnetBlock::take(w, &format!("{name}.resnets.{layer_idx}"), c_in, c_out, shape.resnet));
            if let Some(transformer) = shape.transformer {
                attentions.push(SpatialTransformer::take(w, &format!("{name}.attentions.{layer_idx}"), transformer));
            }
        }
        let downsampler =
            shape.resample.then(|| Downsample::take(w, &format!("{name}.downsamplers.0"), c_out, downsample_padding));
        Self { resnets, attentions, downsampler }
    }

    /// Pushes every intermediate feature map on `skips`.
    ///
    /// # Shapes
    /// `[b, c_in, h, w]` → `[b, c_out, h/2, w/2]` (or `h`, `w` in the last block)
    pub fn forward(
        &self,
        mut x: Tensor<4>,
        silu_time: &Tensor<2>,
        layers: &mut impl Iterator<Item = KeyValue>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        for (layer_idx, resnet) in self.resnets.iter().enumerate() {
            x = resnet.forward(x, Some(silu_time));
            ops::tidy(&x);
            if let Some(attention) = self.attentions.get(layer_idx) {
                x = attention.forward(x, layers);
                ops::tidy(&x);
            }
            skips.push(x.clone());
        }
        if let Some(downsampler) = &self.downsampler {
            x = downsampler.forward(x);
            skips.push(x.clone());
        }
        x
    }

    /// What [`super::recompute`] runs at a time.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let down = self.downsampler.iter().map(Piece::Down);
        layers(&self.resnets, &self.attentions, false, true).chain(down)
    }

    /// Its cross-attention layers, in forward order.
    pub fn cross_attentions(&self) -> impl Iterator<Item = &CrossAttention> {
        self.attentions.iter().flat_map(SpatialTransformer::cross_attentions)
    }
}

/// `UNetMidBlock2DCrossAttn`: residual, transformer, residual.
#[derive(Module, Debug)]
pub struct MidBlock {
    resnets: Vec<ResnetBlock>,
    attention: SpatialTransformer,
}

impl MidBlock {
    /// Takes all tensors under `name`.
    pub fn take(w: &mut Weights, name: &str, width: usize, resnet: ResnetShape, transformer: TransformerShape) -> Self {
        Self {
            resnets: (0..2)
                .map(|idx| ResnetBlock::take(w, &format!("{name}.resnets.{idx}"), width, width, resnet))
                .collect(),
            attention: SpatialTransformer::take(w, &format!("{name}.attentions.0"), transformer),
        }
    }

    /// # Shapes
    /// `[b, c, h, w]` → the same
    pub fn forward(
        &self,
        x: Tensor<4>,
        silu_time: &Tensor<2>,
        layers: &mut impl Iterator<Item = KeyValue>,
    ) -> Tensor<4> {
        let x = self.resnets[0].forward(x, Some(silu_time));
        let x = self.attention.forward(x, layers);
        self.resnets[1].forward(x, Some(silu_time))
    }

    /// What [`super::recompute`] runs at a time.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let [first, second] = [0, 1].map(|idx| &self.resnets[idx..idx + 1]);
        layers(first, std::slice::from_ref(&self.attention), false, false).chain(layers(second, &[], false, false))
    }

    /// Its cross-attention layers, in forward order.
    pub fn cross_attentions(&self) -> impl Iterator<Item = &CrossAttention> {
        self.attention.cross_attentions()
    }
}

/// `CrossAttnUpBlock2D` or `UpBlock2D`: each residual block also sees a skip connection; then an upsampler.
#[derive(Module, Debug)]
pub struct UpBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<SpatialTransformer>,
    upsampler: Option<Upsample>,
}

impl UpBlock {
    /// Takes all tensors under `name`; `c_skips` are the widths of the skip connections in the order of use.
    pub fn take(w: &mut Weights, name: &str, c_in: usize, c_out: usize, c_skips: &[usize], shape: BlockShape) -> Self {
        let (mut resnets, mut attentions) = (Vec::new(), Vec::new());
        for (layer_idx, c_skip) in c_skips.iter().enumerate() {
            let c_in = if layer_idx == 0 { c_in } else { c_out };
            let name_resnet = format!("{name}.resnets.{layer_idx}");
            resnets.push(ResnetBlock::take(w, &name_resnet, c_in + c_skip, c_out, shape.resnet));
            if let Some(transformer) = shape.transformer {
                attentions.push(SpatialTransformer::take(w, &format!("{name}.attentions.{layer_idx}"), transformer));
            }
        }
        let upsampler = shape.resample.then(|| Upsample::take(w, &format!("{name}.upsamplers.0"), c_out));
        Self { resnets, attentions, upsampler }
    }

    /// Pops its skip connections from `skips`.
    ///
    /// # Shapes
    /// `[b, c_in, h, w]` → `[b, c_out, 2h, 2w]` (or `h`, `w` in the last block)
    pub fn forward(
        &self,
        mut x: Tensor<4>,
        silu_time: &Tensor<2>,
        layers: &mut impl Iterator<Item = KeyValue>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        for (layer_idx, resnet) in self.resnets.iter().enumerate() {
            let skip = skips.pop().unwrap_or_else(|| panic!("fewer skip connections than residual blocks"));
            x = resnet.forward(Tensor::cat(vec![x, skip], 1), Some(silu_time));
            ops::tidy(&x);
            if let Some(attention) = self.attentions.get(layer_idx) {
                x = attention.forward(x, layers);
                ops::tidy(&x);
            }
        }
        match &self.upsampler {
            Some(upsampler) => {
                // the next skip connection tells the size: it is odd where the picture was not a multiple
                let size = skips.last().map(|skip| [skip.dims()[2], skip.dims()[3]]);
                upsampler.forward(x, size)
            }
            None => x,
        }
    }

    /// What [`super::recompute`] runs at a time.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let up = self.upsampler.iter().map(Piece::Up);
        layers(&self.resnets, &self.attentions, true, false).chain(up)
    }

    /// Its cross-attention layers, in forward order.
    pub fn cross_attentions(&self) -> impl Iterator<Item = &CrossAttention> {
        self.attentions.iter().flat_map(SpatialTransformer::cross_attentions)
    }
}
