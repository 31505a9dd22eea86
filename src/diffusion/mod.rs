//! Floor 2: the schedule (numbers on the host), the denoiser, guidance wrapped round it, samplers as plain functions.
