//! All set-up that a fresh machine needs, as commands.
fn main() {}
