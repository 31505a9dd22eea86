//! Texture: smooth noise in unit coordinates; patterns that are the same at every size of picture.
use super::dice::Dice;

/// Values on a lattice, with smooth ways between them.
pub struct Texture {
    cells: usize,
    values: Vec<f32>,
}

impl Texture {
    /// `cells` values along each side; each is from −1 to 1.
    pub fn new(seed: u64, cells: usize) -> Self {
        let cells = cells.max(1);
        let mut dice = Dice::named(seed, "texture");
        let n = (cells + 2) * (cells + 2);
        Self { cells, values: (0..n).map(|_| dice.between(-1.0, 1.0)).collect() }
    }

    /// The value at a place from 0 to 1; places outside repeat the edge.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let ((column, u), (row, v)) = (self.split(x), self.split(y));
        let wide = self.cells + 2;
        let start = row * wide + column;
        let top = self.values[start] + (self.values[start + 1] - self.values[start]) * u;
        let start = start + wide;
        let bottom = self.values[start] + (self.values[start + 1] - self.values[start]) * u;
        top + (bottom - top) * v
    }

    /// The values at the middles of the pixels of a picture, row by row.
    ///
    /// # Shapes
    /// → `[size * size]`
    pub fn plane(&self, size: usize) -> Vec<f32> {
        // Cell and smooth part of every row and column; the lattice's lines are mixed once a row.
        let places: Vec<_> = (0..size).map(|index| self.split((index as f32 + 0.5) / size as f32)).collect();
        let wide = self.cells + 2;
        let mut plane = Vec::with_capacity(size * size);
        let mut line = vec![0.0; wide];
        for &(row, v) in &places {
            let (top, bottom) = (&self.values[row * wide..][..wide], &self.values[(row + 1) * wide..][..wide]);
            for (out, (top, bottom)) in line.iter_mut().zip(top.iter().zip(bottom)) {
                *out = top + (bottom - top) * v;
            }
            plane.extend(places.iter().map(|&(column, u)| line[column] + (line[column + 1] - line[column]) * u));
        }
        plane
    }

    /// The cell of a place and the smooth part of the way through it.
    fn split(&self, value: f32) -> (usize, f32) {
        let value = value.clamp(0.0, 1.0) * self.cells as f32;
        let cell = (value as usize).min(self.cells);
        let part = value - cell as f32;
        (cell, part * part * (3.0 - 2.0 * part))
    }
}
