//! Embedded: a checkpoint that is compiled into the program.
use crate::models::weights::{Part, WeightSource, Weights};
use crate::{Error, Result};

/// A checkpoint's files by their paths, one shard a part.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedSource(pub &'static [(&'static str, &'static [u8])]);

impl EmbeddedSource {
    fn find(&self, path: &str) -> Option<&'static [u8]> {
        self.0.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
    }
}

impl WeightSource for EmbeddedSource {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.find(path).map(<[u8]>::to_vec))
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        let path = format!("{}/{}.safetensors", part.folder(), part.stem());
        let bytes =
            self.find(&path).ok_or_else(|| Error::Checkpoint(format!("the program's own {path} is missing")))?;
        weights.add_shard(bytes, &path)
    }
}
