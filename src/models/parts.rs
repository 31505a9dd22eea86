//! Parts: a feature map whose channels lie in several tensors, so that no buffer is larger than a GPU may bind.
//!
//! A norm's groups and a convolution's sums are split where the channels are; a map that fits is one tensor, and nothing is split.
use super::layers::{Conv2d, GroupNorm};
use crate::tensor::ops;
use burn::tensor::Tensor;
use std::ops::Range;

/// Bytes of a tensor of a map that is split: a quarter of what every WebGPU adapter binds at once
/// (`maxStorageBufferBindingSize`), for what is made of a part is there besides all parts.
pub const LARGEST: usize = 32 << 20;

/// Channels in order, a run of them in each tensor `[b, c', h, w]`.
#[derive(Clone, Debug)]
pub struct Parts(Vec<Tensor<4>>);

impl From<Tensor<4>> for Parts {
    fn from(x: Tensor<4>) -> Self {
        Self(vec![x])
    }
}

impl Parts {
    /// All channels in one tensor, as large as it may be.
    pub fn whole(mut self) -> Tensor<4> {
        if self.0.len() == 1 { self.0.remove(0) } else { Tensor::cat(self.0, 1) }
    }

    /// b, c, h, w.
    pub fn dims(&self) -> [usize; 4] {
        let [b, _, h, w] = self.0[0].dims();
        [b, self.0.iter().map(|part| part.dims()[1]).sum(), h, w]
    }

    /// Elementwise sum of two maps of the same size.
    pub fn plus(self, other: Self) -> Self {
        let (fine, coarse) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let ranges = fine.ranges();
        Self(fine.0.into_iter().zip(ranges).map(|(part, range)| coarse.channels(&range) + part).collect())
    }

    /// Which channels each tensor holds.
    fn ranges(&self) -> Vec<Range<usize>> {
        let ends = self.0.iter().scan(0, |end, part| {
            *end += part.dims()[1];
            Some(*end)
        });
        ends.zip(&self.0).map(|(end, part)| end - part.dims()[1]..end).collect()
    }

    /// Runs of whole groups that a map of `[b, c, h, w]` is split into: each at most `largest` bytes, if a group alone is. Of two
    /// splits one is finer than the other everywhere.
    fn split([b, c, h, w]: [usize; 4], groups: usize, largest: usize) -> Vec<Range<usize>> {
        let groups = if c.is_multiple_of(groups) { groups } else { c };
        let group = c / groups;
        let at_once = (largest / (4 * b * group * h * w).max(1)).clamp(1, groups);
        let n = groups.div_ceil(at_once).next_power_of_two().min(groups);
        (0..n).map(|idx| group * (groups * idx / n)..group * (groups * (idx + 1) / n)).collect()
    }

    /// These channels, which lie in one part.
    fn channels(&self, wanted: &Range<usize>) -> Tensor<4> {
        let mut parts = self.0.iter().zip(self.ranges());
        let (part, range) = parts.find(|(_, range)| wanted.start < range.end).expect("channels of this map");
        cut(part.clone(), &range, wanted)
    }

    /// `conv(x)`; `groups` of channels are kept together.
    pub fn convolve(self, conv: &Conv2d, groups: usize, largest: usize) -> Self {
        let [_, _, h, w] = self.dims();
        self.convolve_through(conv, [h, w], groups, largest, |_, x| x)
    }

    /// `conv(through(x))`: `through` works on each channel by itself and gives maps of `size`; `groups` are kept together.
    pub fn convolve_through(
        self,
        conv: &Conv2d,
        size: [usize; 2],
        groups: usize,
        largest: usize,
        through: impl Fn(Range<usize>, Tensor<4>) -> Tensor<4>,
    ) -> Self {
        let [b, c_in, _, _] = self.dims();
        let [h, w] = size;
        let [stride, padding] = conv.stride_and_padding();
        let [out_h, out_w] = [h, w].map(|side| (side + 2 * padding - conv.side()) / stride + 1);
        let mut inputs = Self::split([b, c_in, h, w], groups, largest);
        if inputs.len() < self.0.len() {
            inputs = self.ranges();
        }
        let outputs = Self::split([b, conv.c_out(), out_h, out_w], groups, largest);
        if let ([input], [_]) = (inputs.as_slice(), outputs.as_slice()) {
            return conv.forward(through(input.clone(), self.whole())).into(); // as it is: packed kernels stay packed
        }
        let (weight, bias) = (conv.kernels(), conv.bias_or_zeros(&self.0[0].device()));
        let mut sums: Vec<Option<Tensor<4>>> = vec![None; outputs.len()];
        let ranges = self.ranges();
        // a part is let go before the next is looked at
        for (part, range) in self.0.into_iter().zip(ranges) {
            for input in inputs.iter().filter(|input| range.contains(&input.start)) {
                let x = through(input.clone(), cut(part.clone(), &range, input));
                for (sum, output) in sums.iter_mut().zip(&outputs) {
                    let weight = weight.clone().narrow(0, output.start, output.len());
                    let weight = weight.narrow(1, input.start, input.len());
                    let bias = bias.clone().narrow(0, output.start, output.len());
                    *sum = Some(match sum.take() {
                        None => ops::conv2d(x.clone(), weight, bias, stride, padding),
                        Some(sum) => sum + ops::conv2d(x.clone(), weight, bias.zeros_like(), stride, padding),
                    });
                }
            }
        }
        Self(sums.into_iter().flatten().collect())
    }

    /// `conv(silu(norm(x)))`.
    pub fn norm_silu_convolve(self, norm: &GroupNorm, conv: &Conv2d, largest: usize) -> Self {
        let [_, _, h, w] = self.dims();
        self.convolve_through(conv, [h, w], norm.groups(), largest, |channels, x| norm.forward_silu_of(channels, x))
    }
}

/// The `wanted` channels of a part that holds those of `range`.
fn cut(part: Tensor<4>, range: &Range<usize>, wanted: &Range<usize>) -> Tensor<4> {
    assert!(range.start <= wanted.start && wanted.end <= range.end, "parts: {wanted:?} of {range:?}");
    if wanted.len() == range.len() { part } else { part.narrow(1, wanted.start - range.start, wanted.len()) }
}
