//! Recompute: gradients for what the layers hear with little memory. The UNet runs without a tape and only what goes into each
//! piece is kept; then, from the last piece back, each runs once more on a tape of its own (Chen et al. 2016).
use super::UNet;
use super::attention::{KeyValue, SpatialTransformer};
use crate::models::resnet::{Downsample, ResnetBlock, Upsample};
use crate::tensor::ops;
use burn::tensor::Tensor;

/// What is run at a time.
pub enum Piece<'a> {
    /// A residual block and its transformer; one of an up block sees a skip connection.
    Layer { resnet: &'a ResnetBlock, attention: Option<&'a SpatialTransformer>, takes_skip: bool, leaves_skip: bool },
    /// Halves the size, and leaves a skip connection.
    Down(&'a Downsample),
    /// Doubles it, to the size of the next skip connection.
    Up(&'a Upsample),
}

impl Piece<'_> {
    fn layers(&self) -> usize {
        match self {
            Self::Layer { attention: Some(attention), .. } => attention.cross_attentions().count(),
            _ => 0,
        }
    }

    fn takes_skip(&self) -> bool {
        matches!(self, Self::Layer { takes_skip: true, .. })
    }

    fn leaves_skip(&self) -> bool {
        matches!(self, Self::Layer { leaves_skip: true, .. } | Self::Down(_))
    }

    fn run(&self, input: Input, silu_time: &Tensor<2>, layers: &[KeyValue]) -> Tensor<4> {
        match self {
            Self::Layer { resnet, attention, .. } => {
                let x = match input.skip {
                    Some(skip) => Tensor::cat(vec![input.x, skip], 1),
                    None => input.x,
                };
                let x = resnet.forward(x, Some(silu_time));
                match attention {
                    Some(attention) => attention.forward(x, &mut layers.iter().cloned()),
                    None => x,
                }
            }
            Self::Down(down) => down.forward(input.x),
            Self::Up(up) => up.forward(input.x, input.size),
        }
    }
}

/// What goes into a piece.
#[derive(Clone)]
struct Input {
    x: Tensor<4>,
    skip: Option<Tensor<4>>,
    size: Option<[usize; 2]>,
}

/// A piece's input, with which skip connection it took or left, and the first of its layers.
struct Kept {
    input: Input,
    took: Option<usize>,
    left: Option<usize>,
    first: usize,
}

fn leaf<const D: usize>(x: &Tensor<D>) -> Tensor<D> {
    x.clone().autodiff().require_grad()
}

/// ∂ Σ y·`upstream` / ∂ what y was made of.
fn backward(y: Tensor<4>, upstream: Tensor<4>) -> burn::tensor::Gradients {
    (y * upstream).sum().backward()
}

fn add(sum: &mut Option<Tensor<4>>, part: Tensor<4>) {
    *sum = Some(match sum.take() {
        Some(sum) => sum + part,
        None => part,
    });
}

impl UNet {
    /// The gradients of a loss for every layer's K and V; `upstream` gets the UNet's answer and returns ∂loss/∂answer. Nothing
    /// here may be tracked.
    ///
    /// # Shapes
    /// as [`Self::forward`]; → one of `layers`' shape for each of them
    pub fn gradients(
        &self,
        latents: Tensor<4>,
        timesteps: &[f64],
        layers: &[KeyValue],
        upstream: impl FnOnce(Tensor<4>) -> Tensor<4>,
    ) -> Vec<KeyValue> {
        let silu_time = self.silu_time(timesteps, &latents);
        let pieces: Vec<Piece> = self.pieces().collect();
        let mut x = self.conv_in.forward(latents);
        let mut skips = vec![(0, x.clone())];
        let (mut n_skips, mut first) = (1, 0);
        let mut kept = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            let (took, skip) = match piece.takes_skip() {
                true => skips.pop().unzip(),
                false => (None, None),
            };
            let size = skips.last().map(|(_, skip)| [skip.dims()[2], skip.dims()[3]]);
            let input = Input { x, skip, size };
            let heard = &layers[first..first + piece.layers()];
            x = piece.run(input.clone(), &silu_time, heard);
            ops::tidy(&x);
            let left = piece.leaves_skip().then(|| {
                skips.push((n_skips, x.clone()));
                n_skips += 1;
                n_skips - 1
            });
            kept.push(Kept { input, took, left, first });
            first += piece.layers();
        }
        drop(skips);
        let tracked = leaf(&x);
        let answer = self.conv_out.forward(self.conv_norm_out.forward_silu(tracked.clone()));
        let along = upstream(answer.clone().inner());
        let mut gradient = tracked.grad(&backward(answer, along));
        let mut of_skips: Vec<Option<Tensor<4>>> = vec![None; n_skips];
        let mut found: Vec<KeyValue> = Vec::with_capacity(layers.len());
        for (piece, kept) in pieces.iter().zip(kept).rev() {
            if let Some(part) = kept.left.and_then(|skip| of_skips[skip].take()) {
                add(&mut gradient, part);
            }
            let Some(along) = gradient.take() else { unreachable!("what comes out of a piece is used") };
            let input =
                Input { x: leaf(&kept.input.x), skip: kept.input.skip.as_ref().map(leaf), size: kept.input.size };
            let heard = &layers[kept.first..kept.first + piece.layers()];
            let heard: Vec<KeyValue> =
                heard.iter().map(|kv| KeyValue { key: leaf(&kv.key), value: leaf(&kv.value) }).collect();
            let gradients = backward(piece.run(input.clone(), &silu_time, &heard), along);
            gradient = input.x.grad(&gradients);
            if let (Some(skip), Some(took)) = (&input.skip, kept.took)
                && let Some(part) = skip.grad(&gradients)
            {
                add(&mut of_skips[took], part);
            }
            ops::tidy(&kept.input.x);
            found.extend(heard.iter().rev().map(|kv| {
                let of = |x: &Tensor<3>| x.grad(&gradients).unwrap_or_else(|| x.clone().inner().zeros_like());
                KeyValue { key: of(&kv.key), value: of(&kv.value) }
            }));
        }
        found.reverse();
        found
    }

    /// All of it but the first convolution and the last, in forward order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let down = self.down_blocks.iter().flat_map(|block| block.pieces());
        let up = self.up_blocks.iter().flat_map(|block| block.pieces());
        down.chain(self.mid_block.pieces()).chain(up)
    }
}

/// Layers of a block whose residual blocks go together with transformers.
pub fn layers<'a>(
    resnets: &'a [ResnetBlock],
    attentions: &'a [SpatialTransformer],
    takes_skip: bool,
    leaves_skip: bool,
) -> impl Iterator<Item = Piece<'a>> {
    resnets.iter().enumerate().map(move |(idx, resnet)| Piece::Layer {
        resnet,
        attention: attentions.get(idx),
        takes_skip,
        leaves_skip,
    })
}
