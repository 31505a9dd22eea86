//! Room: what a device and this browser's storage have, against what a base model takes.
use super::drawer::Drawer;
use super::host::failure;
use super::load::{self, Found};
use super::wire::{event, scope};
use crate::protocol::{Event, Failure};
use crate::words;
use instructbrush::service::download::Store;
use instructbrush::service::plan::{Allowance, Plan, Planner, Work};
use instructbrush::{Error, Result};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Sides inside the model are multiples of it.
const GRID: usize = 64;

/// What the loaded model takes, and what its device has.
pub struct Room {
    planner: Planner,
    allowance: Allowance,
}

/// Whether a device has room for edits at half the model's own size at least.
///
/// # Errors
/// [`Failure::Device`] with what is needed and what is there: another device may have it.
pub fn enough(planner: &Planner, has: Allowance) -> Result<(), Failure> {
    let side = planner.resolution();
    match (planner.fits(side, Work::Edit, has), planner.check(side, Work::Edit, has)) {
        (None, Err(error)) => Err(Failure::Device(error.to_string())),
        _ => Ok(()),
    }
}

impl Room {
    /// On a device; also what is to be said where it has less than the model would use.
    pub fn new(planner: Planner, allowance: Allowance) -> (Self, Option<String>) {
        let side = planner.resolution();
        let fits = |work| planner.fits(side, work, allowance);
        let (edits, learns) = (fits(Work::Edit).unwrap_or_default(), fits(Work::LEARN));
        let note = (edits < side || learns != Some(edits)).then(|| words::models::smaller(edits, learns));
        (Self { planner, allowance }, note)
    }

    /// This longer side, or the model's own, less a quarter, in steps of 64; `None` where that is below half the model's own, which is no use.
    pub fn smaller(&self, side: Option<usize>) -> Option<usize> {
        let own = self.planner.resolution();
        let smaller = side.unwrap_or(own) * 3 / 4 / GRID * GRID;
        (smaller >= GRID.max(own / 2)).then_some(smaller)
    }

    /// Whether work at this longer side, or at the model's own, fits.
    ///
    /// # Errors
    /// [`Failure::Other`] with what is needed and what is there.
    pub fn check(&self, side: Option<usize>, work: Work) -> Result<(), Failure> {
        self.planner.check(side.unwrap_or(self.planner.resolution()), work, self.allowance).map_err(failure)
    }
}

/// What a model takes at its own size, in words.
pub fn needs(planner: &Planner) -> String {
    let Plan { side, edit, learn, .. } = planner.plan(planner.resolution());
    words::models::takes(side, edit as f64, learn as f64)
}

/// A drawer that a model is fetched into.
pub struct Fetched {
    /// The drawer.
    pub drawer: Drawer,
    /// The job.
    pub id: u32,
}

impl Store for Fetched {
    async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        self.drawer.read(path).await
    }

    async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.drawer.write(path, bytes).await
    }

    async fn remove(&mut self, path: &str) -> Result<()> {
        self.drawer.remove(path).await
    }

    async fn accept(&mut self, total: u64, planner: &Planner) -> Result<()> {
        event(self.id, Event::Planned(needs(planner)));
        let side = planner.resolution();
        let fits = |found: &Found| planner.fits(side, Work::Edit, found.has).is_some();
        let gpu = load::adapter().await.ok();
        if !fits(&load::cpu()) && !gpu.as_ref().is_some_and(fits) {
            planner.check(side, Work::Edit, gpu.unwrap_or_else(load::cpu).has)?;
        }
        let needed = total as f64 - self.drawer.bytes().await?;
        match free().await.filter(|&free| needed > free) {
            Some(free) => Err(Error::Storage(words::models::too_little_room(needed, free))),
            None => Ok(()),
        }
    }
}

/// Bytes that this browser would still keep; `None` where it does not say.
async fn free() -> Option<f64> {
    let storage = Reflect::get(&scope().navigator(), &"storage".into()).ok().filter(JsValue::is_object)?;
    let estimate: js_sys::Function = Reflect::get(&storage, &"estimate".into()).ok()?.dyn_into().ok()?;
    let asked: js_sys::Promise = estimate.call0(&storage).ok()?.dyn_into().ok()?;
    let told = JsFuture::from(asked).await.ok()?;
    let number = |name: &str| Reflect::get(&told, &name.into()).ok()?.as_f64();
    Some(number("quota")? - number("usage")?)
}
