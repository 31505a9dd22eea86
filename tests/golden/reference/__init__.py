"""Reference: one module per part of the golden files, and what they share in `common`."""
