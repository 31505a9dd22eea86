//! Floor 2: the schedule (numbers on the host), the denoiser, guidance wrapped round it, samplers as plain functions.
//!
//! The factoring is that of Karras et al. 2022 (EDM): a denoiser maps noisy latents and their sigma to clean ones.
pub mod denoiser;
pub mod guidance;
pub mod samplers;
pub mod schedule;
