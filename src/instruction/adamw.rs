//! AdamW on plain tensors (Loshchilov and Hutter 2019), in the order of operations of PyTorch's.
//!
//! burn-optim works on modules and records; three lists of tensors that go into a state file bit for bit are simpler.
use burn::tensor::Tensor;

/// The optimiser's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the two means.
    pub betas: (f64, f64),
    /// Decoupled decay of the numbers themselves.
    pub weight_decay: f64,
}

const EPS: f64 = 1e-8;

impl AdamW {
    /// One update; `step` is 1-based. Returns the new numbers and both new moments.
    pub fn update<const D: usize>(
        &self,
        step: usize,
        numbers: Tensor<D>,
        gradient: Tensor<D>,
        first: Tensor<D>,
        second: Tensor<D>,
    ) -> (Tensor<D>, Tensor<D>, Tensor<D>) {
        let (beta1, beta2) = self.betas;
        let numbers = match self.weight_decay {
            0.0 => numbers,
            decay => numbers.mul_scalar(1.0 - self.learning_rate * decay),
        };
        let first = first.mul_scalar(beta1) + gradient.clone().mul_scalar(1.0 - beta1);
        let second = second.mul_scalar(beta2) + gradient.square().mul_scalar(1.0 - beta2);
        let correction1 = 1.0 - beta1.powf(step as f64);
        let correction2 = 1.0 - beta2.powf(step as f64);
        let denominator = second.clone().sqrt().div_scalar(correction2.sqrt()).add_scalar(EPS);
        let numbers = numbers - (first.clone() / denominator).mul_scalar(self.learning_rate / correction1);
        (numbers, first, second)
    }
}
