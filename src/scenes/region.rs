//! Region: what a pixel belongs to, for effects that treat the sky unlike the ground.

/// What a shape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Region {
    /// Things without a say: furniture, cars, walls indoors.
    Object,
    /// Sky, clouds, sun.
    Sky,
    /// Mountains far away.
    Far,
    /// Meadow, lawn.
    Grass,
    /// Earth, road, sand.
    Ground,
    /// Sea, river, lake.
    Water,
    /// Trees, hedges, leaves.
    Plant,
    /// Petals.
    Flower,
    /// Walls of houses.
    Wall,
    /// Roofs.
    Roof,
    /// What shines at night: windows, lamps.
    Glow,
    /// What shines by day and night in its own colour: traffic lights.
    Signal,
    /// People: skin, hair, clothes.
    Person,
    /// Animals.
    Animal,
}

/// The regions of a picture, twice as fine as its pixels, so that edges are soft.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    size: usize,
    ids: Vec<u8>,
}

impl Regions {
    /// From `(2 size)²` numbers of regions.
    pub(super) fn new(size: usize, ids: Vec<u8>) -> Self {
        Self { size, ids }
    }

    /// How much of each pixel belongs to any of these regions, from 0 to 1.
    ///
    /// # Shapes
    /// → `[size * size]`
    pub fn cover(&self, regions: &[Region]) -> Vec<f32> {
        let (size, wide) = (self.size, 2 * self.size);
        let mut counts = [0f32; 256];
        for &region in regions {
            counts[region as usize] = 0.25;
        }
        let count = |at: usize| counts[usize::from(self.ids[at])];
        let pixel = |at: usize| {
            let start = 2 * (at / size) * wide + 2 * (at % size);
            count(start) + count(start + 1) + count(start + wide) + count(start + wide + 1)
        };
        (0..size * size).map(pixel).collect()
    }

    /// The part of the picture that belongs to these regions, from 0 to 1.
    pub fn share(&self, regions: &[Region]) -> f32 {
        self.cover(regions).iter().sum::<f32>() / (self.size * self.size).max(1) as f32
    }
}
