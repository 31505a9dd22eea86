//! The only place that knows where the program runs: devices, files, the clock.
