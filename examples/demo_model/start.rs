//! Start: the numbers that training begins with, by a tensor's name and shape.
use crate::parameters::Law;

/// Norms begin as the identity, biases as nothing.
fn plain(name: &str, shape: &[usize]) -> Option<Law> {
    if name.ends_with(".bias") {
        return Some(Law::Constant(0.0));
    }
    let norm = shape.len() == 1 && (name.contains("norm") || name.contains("layrnorm"));
    norm.then_some(Law::Constant(1.0))
}

/// Keeps the variance of what goes in: N(0, 1/fan_in), LeCun et al. 1998. Larger starts, and residual branches of zero, end in
/// a VAE that never leaves the mean colour.
pub fn vae(name: &str, shape: &[usize]) -> Law {
    plain(name, shape).unwrap_or_else(|| Law::Normal(gain(shape, 1.0)))
}

/// As the VAE's, but every residual branch, and the whole, begins as nothing (Ho et al. 2020).
pub fn unet(name: &str, shape: &[usize]) -> Law {
    let last = ["conv2.weight", "proj_out.weight", "conv_out.weight"].iter().any(|end| name.ends_with(end));
    plain(name, shape).unwrap_or_else(|| Law::Normal(gain(shape, if last { 0.05 } else { 1.0 })))
}

/// CLIP's own (Radford et al. 2021, its `initialize_parameters`): what is added to the residual stream begins smaller.
pub fn clip(name: &str, shape: &[usize]) -> Law {
    if let Some(law) = plain(name, shape) {
        return law;
    }
    match name {
        "logit_scale" => Law::Constant((1.0f32 / 0.07).ln()),
        _ if name.ends_with("token_embedding.weight") => Law::Normal(0.02),
        _ if name.ends_with("position_embedding.weight") => Law::Normal(0.02),
        _ if name.ends_with("class_embedding") => Law::Normal((shape[0] as f32).powf(-0.5)),
        _ if name.ends_with("out_proj.weight") || name.ends_with("fc2.weight") => Law::Normal(gain(shape, 0.4)),
        _ => Law::Normal(gain(shape, 1.0)),
    }
}

fn gain(shape: &[usize], gain: f32) -> f32 {
    let fan_in: usize = shape[1..].iter().product();
    gain / (fan_in.max(1) as f32).sqrt()
}
